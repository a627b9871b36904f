/* Why a file, or a part of it, is not in place, in words; select.c decides. */
#include "cramfs/select.h"

static const char *selected_text(enum cramfs_xip xip)
{
    switch (xip) {
    case CRAMFS_XIP_TEXT:
        return "executable segments";
    case CRAMFS_XIP_ALL:
        return "a program";
    case CRAMFS_XIP_FILE:
        return "a whole file";
    default:
        break;
    }
    return "read-only segments";
}

const char *cramfs_selection_text(const struct cramfs_selection *selection)
{
    switch (selection->reason) {
    case CRAMFS_SELECTED:
        return selected_text(selection->xip);
    case CRAMFS_SELECTION_OFF:
        return "compressed";
    case CRAMFS_SELECTION_STORED:
        return "stored as it is, not in place";
    case CRAMFS_SELECTION_SCRIPT:
        return "a script";
    case CRAMFS_SELECTION_NO_PROGRAM:
        return "not a program";
    case CRAMFS_SELECTION_NOT_LOADABLE:
        return "an ELF file that no loader maps";
    case CRAMFS_SELECTION_MALFORMED:
        return selection->fault;
    case CRAMFS_SELECTION_COPIED:
        return "the loader of that kernel copies it to RAM";
    case CRAMFS_SELECTION_NO_SEGMENT:
        return "no segment of that kind";
    case CRAMFS_SELECTION_WHOLE_PAGES:
        return "its only page is the last of whole pages, which cannot be in place";
    case CRAMFS_SELECTION_OVERLAPPING:
        return "two of its mappings begin in one page";
    case CRAMFS_SELECTION_LAST_PAGE:
        return "its last page does not compress";
    case CRAMFS_SELECTION_NOT_WORTH:
        return "other pages are worth more";
    }
    return NULL;
}
