/* What cramfs said in the kernel's log. Names in the messages are as the log escapes them. */
#ifndef KMSG_H
#define KMSG_H

/* Write all that cramfs said since the boot as the texts KEY of the record that is open. */
void kmsg_record_since_boot(const char *key);

/* From here on ... */
void kmsg_mark(void);
/* ... to here, in the same form. */
void kmsg_record_since_mark(const char *key);

#endif
