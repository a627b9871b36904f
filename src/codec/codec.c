#include "cramfs/codec.h"

#include <stdlib.h>

#include "codec/backend.h"

struct cramfs_deflater {
    const struct backend *backend;
    void *state;
};

struct cramfs_inflater {
    const struct backend *backend;
    void *state;
};

enum cramfs_compressor cramfs_compressor_resolve(enum cramfs_compressor compressor)
{
    if (compressor != CRAMFS_COMPRESSOR_DEFAULT)
        return compressor;
#ifdef CRAMFS_WITH_LIBDEFLATE
    return CRAMFS_COMPRESSOR_LIBDEFLATE;
#else
    return CRAMFS_COMPRESSOR_ZLIB;
#endif
}

static const struct backend *find_backend(enum cramfs_compressor compressor)
{
    compressor = cramfs_compressor_resolve(compressor);
#ifdef CRAMFS_WITH_LIBDEFLATE
    if (compressor == CRAMFS_COMPRESSOR_LIBDEFLATE)
        return &backend_libdeflate;
#endif
#ifdef CRAMFS_WITH_ZOPFLI
    if (compressor == CRAMFS_COMPRESSOR_ZOPFLI)
        return &backend_zopfli;
#endif
    return compressor == CRAMFS_COMPRESSOR_ZLIB ? &backend_zlib : NULL;
}

const char *cramfs_compressor_name(enum cramfs_compressor compressor)
{
    const struct backend *backend = find_backend(compressor);
    return backend ? backend->name : NULL;
}

const char *cramfs_compressor_version(enum cramfs_compressor compressor)
{
    const struct backend *backend = find_backend(compressor);
    return backend ? backend->version() : NULL;
}

int cramfs_compressor_max_level(enum cramfs_compressor compressor)
{
    const struct backend *backend = find_backend(compressor);
    return backend ? backend->max_level : 0;
}

struct cramfs_deflater *cramfs_deflater_create(enum cramfs_compressor compressor, int level)
{
    const struct backend *backend = find_backend(compressor);
    if (!backend || level < 1 || level > backend->max_level)
        return NULL;
    struct cramfs_deflater *deflater = malloc(sizeof(*deflater));
    if (!deflater)
        return NULL;
    deflater->backend = backend;
    deflater->state = backend->deflater_create(level);
    if (!deflater->state) {
        free(deflater);
        return NULL;
    }
    return deflater;
}

void cramfs_deflater_free(struct cramfs_deflater *deflater)
{
    if (!deflater)
        return;
    deflater->backend->deflater_free(deflater->state);
    free(deflater);
}

size_t cramfs_deflate(struct cramfs_deflater *deflater, const void *from, size_t length, void *to,
                      size_t capacity)
{
    return deflater->backend->deflate(deflater->state, from, length, to, capacity);
}

struct cramfs_inflater *cramfs_inflater_create(void)
{
    const struct backend *backend = find_backend(CRAMFS_COMPRESSOR_DEFAULT);
    struct cramfs_inflater *inflater = malloc(sizeof(*inflater));
    if (!inflater)
        return NULL;
    inflater->backend = backend;
    inflater->state = backend->inflater_create();
    if (!inflater->state) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void cramfs_inflater_free(struct cramfs_inflater *inflater)
{
    if (!inflater)
        return;
    inflater->backend->inflater_free(inflater->state);
    free(inflater);
}

int cramfs_inflate(struct cramfs_inflater *inflater, const void *from, size_t length, void *to,
                   size_t capacity, size_t *used, size_t *written)
{
    return inflater->backend->inflate(inflater->state, from, length, to, capacity, used, written);
}

uint32_t cramfs_adler32(const void *bytes, size_t length)
{
    return find_backend(CRAMFS_COMPRESSOR_DEFAULT)->adler32(bytes, length);
}

uint32_t cramfs_crc32(uint32_t crc, const void *bytes, size_t length)
{
    return find_backend(CRAMFS_COMPRESSOR_DEFAULT)->crc32(crc, bytes, length);
}
