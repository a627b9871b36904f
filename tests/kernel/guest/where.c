/*
 * Prints the address at which it runs. On a machine without an MMU that is a physical one. As the
 * first process it then switches the machine off. It has no data: see flat.ld.
 */
#include "sys.h"

_Noreturn void main(void);

void main(void)
{
    uintptr_t address = (uintptr_t)&main;
    char line[] = "text at 0x0000000000000000\n";

    for (char *digit = line + sizeof(line) - 3; *digit != 'x'; digit--, address >>= 4)
        *digit = (char)((address & 15) < 10 ? '0' + (address & 15) : 'a' + (address & 15) - 10);
    sys_write(1, line, sizeof(line) - 1);
    if (sys_call(__NR_getpid, 0, 0, 0, 0, 0, 0) == 1)
        sys_power_off();
    sys_exit(0);
}
