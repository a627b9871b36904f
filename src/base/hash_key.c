#include "base/hash_key.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* The only global state of the library: constant in a process, and no result depends on it. */
static struct sip_key process_key;
static uint32_t process_words[HASH_WORDS];

static struct sip_key guess_key(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct sip_key){(uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec,
                            (uint64_t)(uintptr_t)&now ^ (uint64_t)getpid() << 48};
}

static void draw_key(void)
{
    if (getrandom(&process_key, sizeof(process_key), GRND_NONBLOCK) == sizeof(process_key))
        return;
    const void *bytes = (const void *)getauxval(AT_RANDOM); /* 16 bytes */
    if (!bytes) {
        process_key = guess_key();
        return;
    }
    /* Other code makes secrets of these bytes, too; a hash of them reveals nothing. */
    struct sip_key given;
    memcpy(&given, bytes, sizeof(given));
    struct sip low = sip_start(given);
    sip_take(&low, 0);
    struct sip high = sip_start(given);
    sip_take(&high, 1);
    process_key = (struct sip_key){sip_end(&low), sip_end(&high)};
}

static void draw(void)
{
    draw_key();
    for (uint64_t i = 0; i < HASH_WORDS; i++) {
        struct sip sip = sip_start(process_key);
        sip_take(&sip, i);
        process_words[i] = (uint32_t)sip_end(&sip);
    }
}

static pthread_once_t drawn = PTHREAD_ONCE_INIT;

struct sip_key hash_key(void)
{
    pthread_once(&drawn, draw);
    return process_key;
}

const uint32_t *hash_words(void)
{
    pthread_once(&drawn, draw);
    return process_words;
}
