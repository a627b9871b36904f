/*
 * apply.sh, as a part of the library: CMake makes it of the file beside this one.
 */
#ifndef CRAMFS_REPORT_UPDATE_APPLY_SCRIPT_H
#define CRAMFS_REPORT_UPDATE_APPLY_SCRIPT_H

#include <stddef.h>

extern const unsigned char apply_script[];
extern const size_t apply_script_length;

#endif
