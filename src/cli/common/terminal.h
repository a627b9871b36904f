/*
 * The terminal at standard output.
 */
#ifndef CRAMFS_CLI_COMMON_TERMINAL_H
#define CRAMFS_CLI_COMMON_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

struct terminal {
    uint32_t columns; /* 80 if it is not a terminal */
    bool colours;     /* a terminal that knows them, and NO_COLOR (https://no-color.org) is unset */
};

struct terminal terminal_look(void);

#endif
