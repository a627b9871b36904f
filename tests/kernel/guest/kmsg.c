#include "kmsg.h"

#include "record.h"
#include "sys.h"
#include "text.h"

#include <linux/fs.h>

static int marked = -1;

static int open_log(void)
{
    long log = sys_open(AT_FDCWD, "/dev/kmsg", O_RDONLY | O_NONBLOCK);

    if (log < 0)
        die("open", "/dev/kmsg", log);
    return (int)log;
}

/* One read(2) gives one message: "priority,sequence,time,flags;text\n" and perhaps more lines. */
static bool read_message(int log, char *line, size_t size, const char **text)
{
    long got = sys_read(log, line, size - 1);
    char *end = line;

    if (got == -EAGAIN)
        return false;
    if (got < 0)
        die("read (EPIPE: messages were lost)", "/dev/kmsg", got);
    line[got] = 0;
    *text = line;
    for (; *end && *end != '\n'; end++) {
        if (*end == ';' && *text == line)
            *text = end + 1;
    }
    *end = 0;
    return true;
}

static void record_messages(const char *key, int log)
{
    static const char prefix[] = "cramfs: ";
    char line[8192];
    const char *text;

    record_texts_begin(key);
    while (read_message(log, line, sizeof(line), &text)) {
        if (text_begins(text, prefix))
            record_texts_add(text + text_length(prefix));
    }
    record_texts_end();
}

void kmsg_record_since_boot(const char *key)
{
    int log = open_log();

    record_messages(key, log);
    sys_close(log);
}

void kmsg_mark(void)
{
    long error;

    if (marked < 0)
        marked = open_log();
    error = sys_seek(marked, 0, SEEK_END);
    if (error < 0)
        die("seek", "/dev/kmsg", error);
}

void kmsg_record_since_mark(const char *key)
{
    record_messages(key, marked);
}
