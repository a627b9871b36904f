#include "cli/common/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct terminal terminal_look(void)
{
    struct terminal terminal = {.columns = 80};
    const char *no_color = getenv("NO_COLOR");
    const char *name = getenv("TERM");
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return terminal;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        terminal.columns = size.ws_col;
    terminal.colours = !(no_color && *no_color) && name && strcmp(name, "dumb") != 0;
    return terminal;
}
