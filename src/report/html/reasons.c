/*
 * The kernel's reasons in words: what each means for the file, and the remedy. The guide's table
 * has more details.
 */
#include "report/html/html.h"

const char *html_reason_words(enum cramfs_reason reason)
{
    switch (reason) {
    case CRAMFS_REASON_NONE:
        return "Every page comes straight from flash.";
    case CRAMFS_REASON_NO_ADDRESS:
        return "The image has no physical address, so nothing can be mapped from it. Put it on "
               "flash that the processor can address, and mount it from MTD.";
    case CRAMFS_REASON_NO_EXT_POINTERS:
        return "The image has no direct pointers: it was built without pages in place, or as a "
               "legacy image. Build it with pages in place.";
    case CRAMFS_REASON_IMPOSSIBLE:
        return "The program header is wrong for this page size: offset and address differ within "
               "the page. Link the program again with the page size of the kernel.";
    case CRAMFS_REASON_WRITABLE:
        return "The segment is writable, and flash is not. This is as it should be: each process "
               "needs a copy of its data in RAM.";
    case CRAMFS_REASON_BEYOND_FILE:
        return "The mapping begins after the end of the file. The program is damaged or cut.";
    case CRAMFS_REASON_BLOCK_LAYOUT:
        return "The first page of the mapping is compressed, or not where a run of pages could "
               "begin. If the file should run in place, choose it when the image is built.";
    case CRAMFS_REASON_NOT_ALIGNED:
        return "The pages are not at a multiple of the page size in physical memory. Put the image "
               "at an aligned address, and build it for the kernel's page size.";
    case CRAMFS_REASON_NO_BLOCK_REMAINING:
        return "The mapping is the last page of the file, and other bytes follow the end of the "
               "file in that page. Build the image again: zeroes must follow the end of a file in "
               "its last page in place.";
    case CRAMFS_REASON_LAST_PAGE_SHARED:
        return "Other bytes follow the end of the file in its last page, so that page is copied to "
               "RAM. Build the image again: zeroes must follow the end of a file in its last page "
               "in place.";
    case CRAMFS_REASON_RUN_BROKEN:
        return "The pages before this block are direct. The kernel reads this block and all later "
               "pages into RAM, since only the first pages of a mapping can be direct. Put this "
               "block in place, too, if the RAM is worth the flash.";
    case CRAMFS_REASON_FILE_ENDS:
        return "Every page of the file is direct; the mapping asks for more than the file has.";
    case CRAMFS_REASON_REFUSED:
        return "The mapping is longer than the file, and without an MMU the kernel refuses it.";
    case CRAMFS_REASON_COPIED:
        return "Without an MMU a mapping is direct as a whole or not at all. This block is not in "
               "the run, so all of the mapping is copied to RAM.";
    case CRAMFS_REASON_MERGED_BEFORE:
        return "The kernel joins this mapping to the one before it, which has no direct page, and "
               "does not ask the file system. Put the segment before it in place, too.";
    case CRAMFS_REASON_MERGED_AFTER:
        return "The kernel joins this mapping to the one after it, which has no direct page, and "
               "does not ask the file system. Put the segment after it in place, too.";
    case CRAMFS_REASON_SPLIT:
        return "A kernel with the patches of 2017 has only 12 bits for the page where a mapping "
               "splits, and this mapping splits later in the file.";
    }
    return "";
}
