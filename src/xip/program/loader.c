#include "xip/program/loader.h"

#include <string.h>

#include "xip/program/elf_dynamic.h"

static bool begins(const char *name, const char *beginning)
{
    return strncmp(name, beginning, strlen(beginning)) == 0;
}

bool loader_is_named(const char *soname)
{
    return begins(soname, "ld-") || begins(soname, "ld.so.") || begins(soname, "ld64.so.") ||
           begins(soname, "libc.musl-");
}

static bool is_of_glibc(const char *name)
{
    return strcmp(name, "libc.so.6") == 0 || strcmp(name, "libc.so.6.1") == 0 ||
           begins(name, "ld-linux") || begins(name, "ld.so.") || begins(name, "ld64.so.");
}

static bool needs_glibc(const struct elf_dynamic *dynamic)
{
    for (size_t i = 0; i < dynamic->needed_count; i++) {
        if (is_of_glibc(dynamic->needed[i]))
            return true;
    }
    return dynamic->soname && is_of_glibc(dynamic->soname);
}

static enum cramfs_loader loader_of(const struct elf_dynamic *dynamic)
{
    if (!dynamic->fault && !dynamic->is_dynamic)
        return CRAMFS_LOADER_KERNEL;
    if (dynamic->soname ? loader_is_named(dynamic->soname)
                        : dynamic->is_program || dynamic->interpreter)
        return CRAMFS_LOADER_KERNEL;
    return needs_glibc(dynamic) ? CRAMFS_LOADER_GLIBC : CRAMFS_LOADER_MUSL;
}

int loader_find(const void *bytes, size_t size, const struct cramfs_elf *elf,
                enum cramfs_loader *loader)
{
    *loader = CRAMFS_LOADER_KERNEL;
    if (!elf->position_independent)
        return 0;
    struct elf_dynamic dynamic;
    int error = elf_dynamic_read(bytes, size, &dynamic);
    if (error)
        return error;
    *loader = loader_of(&dynamic);
    elf_dynamic_free(&dynamic);
    return 0;
}
