#include "record.h"

#include "sys.h"
#include "text.h"

#include <stdbool.h>

static int results = -1;
static char buffer[1 << 16];
static size_t filled;
static uint64_t count;
static bool first_text;

void die(const char *doing, const char *object, long error)
{
    const char *said[] = {"agent: ", doing, " ", object, ": error ", NULL, "\n"};
    char number[21];

    text_from_number(number, (uint64_t)-error);
    said[5] = number;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        sys_write(2, said[i], text_length(said[i]));
    sys_exit(1);
}

void record_open(const char *device)
{
    long file = sys_open(AT_FDCWD, device, O_RDWR);

    if (file < 0)
        die("open", device, file);
    results = (int)file;
}

static void flush(void)
{
    for (size_t done = 0; done < filled;) {
        long wrote = sys_write(results, buffer + done, filled - done);

        if (wrote <= 0)
            die("write", "the results disk", wrote);
        done += (size_t)wrote;
    }
    filled = 0;
}

void record_close(void)
{
    uint64_t total = count;
    long error;

    record_begin("end");
    record_number("records", total);
    record_end();
    flush();
    error = sys_fsync(results);
    if (error)
        die("write", "the results disk", error);
    sys_close(results);
}

static void put(char letter)
{
    if (filled == sizeof(buffer))
        flush();
    buffer[filled++] = letter;
}

static void puts_plain(const char *text)
{
    while (*text)
        put(*text++);
}

static void put_hex(unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";

    put(digits[byte >> 4]);
    put(digits[byte & 15]);
}

static void put_string(const char *text)
{
    put('"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e) {
            puts_plain("\\u00");
            put_hex((unsigned char)*text);
            continue;
        }
        if (*text == '"' || *text == '\\')
            put('\\');
        put(*text);
    }
    put('"');
}

static void put_key(const char *key)
{
    puts_plain(", ");
    put_string(key);
    puts_plain(": ");
}

void record_begin(const char *kind)
{
    puts_plain("{\"record\": ");
    put_string(kind);
    count++;
}

void record_number(const char *key, uint64_t value)
{
    char number[21];

    put_key(key);
    text_from_number(number, value);
    puts_plain(number);
}

void record_text(const char *key, const char *text)
{
    put_key(key);
    put_string(text);
}

void record_hex(const char *key, const void *bytes, size_t length)
{
    const unsigned char *p = bytes;

    put_key(key);
    put('"');
    for (size_t i = 0; i < length; i++)
        put_hex(p[i]);
    put('"');
}

void record_texts_begin(const char *key)
{
    put_key(key);
    put('[');
    first_text = true;
}

void record_texts_add(const char *text)
{
    if (!first_text)
        puts_plain(", ");
    first_text = false;
    put_string(text);
}

void record_texts_end(void)
{
    put(']');
}

void record_end(void)
{
    puts_plain("}\n");
}

void record_errno(const char *key, long error)
{
    record_number(key, (uint64_t)-error);
}

void record_error(const char *doing, const char *path, long error)
{
    record_begin("error");
    record_text("doing", doing);
    record_hex("path", path, text_length(path));
    record_errno("error", error);
    record_end();
}
