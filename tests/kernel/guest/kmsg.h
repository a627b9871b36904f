/* The messages of cramfs in the kernel's log. Names in the messages are escaped as in the log. */
#ifndef KMSG_H
#define KMSG_H

/* Write all messages of cramfs since the boot as the texts KEY of the open record. */
void kmsg_record_since_boot(const char *key);

/* From here on ... */
void kmsg_mark(void);
/* ... to here, in the same form. */
void kmsg_record_since_mark(const char *key);

#endif
