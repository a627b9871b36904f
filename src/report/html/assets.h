/*
 * The parts of the page that are files of their own: CMake makes arrays of those in page/.
 * The scripts follow each other in one <script>.
 */
#ifndef CRAMFS_REPORT_HTML_ASSETS_H
#define CRAMFS_REPORT_HTML_ASSETS_H

#include <stddef.h>

extern const unsigned char html_page[]; /* with @NAME@ where the program writes something */
extern const size_t html_page_length;
extern const unsigned char html_style[];
extern const size_t html_style_length;
extern const unsigned char html_script[];
extern const size_t html_script_length;

#endif
