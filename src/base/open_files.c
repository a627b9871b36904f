#include "base/open_files.h"

#include <fcntl.h>
#include <unistd.h>

unsigned open_files_left(unsigned most)
{
    int files[OPEN_FILES_MOST];
    unsigned count = 0;
    /* O_PATH needs no permission, and has no side effects. */
    for (; count < most; count++) {
        files[count] = count ? fcntl(files[0], F_DUPFD_CLOEXEC, 0) : open("/", O_PATH | O_CLOEXEC);
        if (files[count] < 0)
            break;
    }
    for (unsigned i = 0; i < count; i++)
        close(files[i]);
    return count;
}
