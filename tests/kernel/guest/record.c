#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *results;
static uint64_t count;
static bool first_text;

void die(const char *doing, const char *object)
{
	fprintf(stderr, "agent: %s %s: %s\n", doing, object, strerror(errno));
	exit(1);
}

void record_open(const char *device)
{
	results = fopen(device, "r+");
	if (!results)
		die("open", device);
}

void record_close(void)
{
	uint64_t total = count;

	record_begin("end");
	record_number("records", total);
	record_end();
	if (fflush(results) || fsync(fileno(results)) || fclose(results))
		die("write", "the results disk");
}

static void write_string(const char *text)
{
	putc('"', results);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(results, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			fprintf(results, "\\u%04x", (unsigned char)*text);
		else
			putc(*text, results);
	}
	putc('"', results);
}

static void write_key(const char *key)
{
	fputs(", ", results);
	write_string(key);
	fputs(": ", results);
}

void record_begin(const char *kind)
{
	fputs("{\"record\": ", results);
	write_string(kind);
	count++;
}

void record_number(const char *key, uint64_t value)
{
	write_key(key);
	fprintf(results, "%" PRIu64, value);
}

void record_text(const char *key, const char *text)
{
	write_key(key);
	write_string(text);
}

void record_hex(const char *key, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;

	write_key(key);
	putc('"', results);
	for (size_t i = 0; i < length; i++)
		fprintf(results, "%02x", p[i]);
	putc('"', results);
}

void record_texts_begin(const char *key)
{
	write_key(key);
	putc('[', results);
	first_text = true;
}

void record_texts_add(const char *text)
{
	if (!first_text)
		fputs(", ", results);
	first_text = false;
	write_string(text);
}

void record_texts_end(void)
{
	putc(']', results);
}

void record_end(void)
{
	fputs("}\n", results);
	if (ferror(results))
		die("write", "the results disk");
}

void record_error(const char *doing, const char *path, int error)
{
	record_begin("error");
	record_text("doing", doing);
	record_hex("path", path, strlen(path));
	record_text("error", strerror(error));
	record_end();
}
