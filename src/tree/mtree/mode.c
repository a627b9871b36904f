#include "tree/mtree/mode.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text/number.h"

/* The bits that a change for each class of users can touch. */
enum { OWNER = S_ISUID | S_IRWXU, GROUP = S_ISGID | S_IRWXG, OTHERS = S_IRWXO };
enum { EVERYONE = OWNER | GROUP | OTHERS | S_ISVTX };

static unsigned read_who(const char **text)
{
    unsigned who = 0;
    for (; **text && strchr("ugoa", **text); (*text)++)
        who |= **text == 'u' ? OWNER : **text == 'g' ? GROUP : **text == 'o' ? OTHERS : EVERYONE;
    return who ? who : EVERYONE;
}

/* Repeats three bits for owner, group and others. */
static unsigned for_all(unsigned bits)
{
    return bits << 6 | bits << 3 | bits;
}

static bool read_letter(char letter, unsigned mode, unsigned *bits)
{
    switch (letter) {
    case 'r':
        *bits |= for_all(4);
        return true;
    case 'w':
        *bits |= for_all(2);
        return true;
    case 'x':
        *bits |= for_all(1);
        return true;
    case 'X': /* x if anyone has it */
        *bits |= mode & for_all(1) ? for_all(1) : 0;
        return true;
    case 's':
        *bits |= S_ISUID | S_ISGID;
        return true;
    case 't':
        *bits |= S_ISVTX;
        return true;
    case 'u':
        *bits |= for_all(mode >> 6 & 7);
        return true;
    case 'g':
        *bits |= for_all(mode >> 3 & 7);
        return true;
    case 'o':
        *bits |= for_all(mode & 7);
        return true;
    default:
        return false;
    }
}

/* Reads the next action for `who`: "+x", "-w" or "=rx". */
static bool read_action(const char **text, unsigned who, unsigned *mode)
{
    char action = **text;
    unsigned bits = 0;
    if (!action || !strchr("+-=", action))
        return false;
    for ((*text)++; read_letter(**text, *mode, &bits);)
        (*text)++;
    bits &= who | S_ISVTX;
    if (action == '=')
        *mode &= ~who;
    if (action == '-')
        *mode &= ~bits;
    else
        *mode |= bits;
    return true;
}

static bool read_clause(const char **text, unsigned *mode)
{
    unsigned who = read_who(text);
    bool sound = read_action(text, who, mode);
    while (sound && **text && **text != ',')
        sound = read_action(text, who, mode);
    return sound;
}

bool mtree_read_mode(const char *text, uint64_t *mode)
{
    if (*text >= '0' && *text <= '9')
        return number_read(text, strlen(text), 8, 07777, mode);
    unsigned bits = 0;
    bool sound = read_clause(&text, &bits);
    while (sound && *text == ',') {
        text++;
        sound = read_clause(&text, &bits);
    }
    *mode = bits;
    return sound && !*text;
}
