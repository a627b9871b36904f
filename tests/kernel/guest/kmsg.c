#include "kmsg.h"

#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int marked = -1;

static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (log < 0)
		die("open", "/dev/kmsg");
	return log;
}

/* One read(2) gives one message: "priority,sequence,time,flags;text\n" and perhaps more lines. */
static bool read_message(int log, char *line, size_t size, const char **text)
{
	ssize_t got = read(log, line, size - 1);

	if (got < 0) {
		if (errno == EAGAIN)
			return false;
		die("read (EPIPE: messages were lost)", "/dev/kmsg");
	}
	line[got] = 0;
	line[strcspn(line, "\n")] = 0;
	*text = strchr(line, ';');
	*text = *text ? *text + 1 : line;
	return true;
}

static void record_messages(const char *key, int log)
{
	static const char prefix[] = "cramfs: ";
	char line[8192];
	const char *text;

	record_texts_begin(key);
	while (read_message(log, line, sizeof(line), &text)) {
		if (!strncmp(text, prefix, strlen(prefix)))
			record_texts_add(text + strlen(prefix));
	}
	record_texts_end();
}

void kmsg_record_since_boot(const char *key)
{
	int log = open_log();

	record_messages(key, log);
	close(log);
}

void kmsg_mark(void)
{
	if (marked < 0)
		marked = open_log();
	if (lseek(marked, 0, SEEK_END) < 0)
		die("seek", "/dev/kmsg");
}

void kmsg_record_since_mark(const char *key)
{
	record_messages(key, marked);
}
