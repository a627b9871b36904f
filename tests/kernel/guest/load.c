/*
 * Loads the library LIBRARY as a dynamic loader does, and prints what it answers: there is no
 * C library, and so no ld.so, for big-endian ARM. Nothing is relocated.
 */
#include <linux/elf.h>

#include "sys.h"
#include "text.h"

#if __SIZEOF_POINTER__ == 8
#define ELF(name) Elf64_##name
#else
#define ELF(name) Elf32_##name
#endif

_Noreturn void main(void);

static _Noreturn void fail(const char *what)
{
    sys_write(1, what, text_length(what));
    sys_exit(1);
}

static void read_at(int file, long offset, void *to, size_t size)
{
    if (sys_seek(file, offset, 0) != offset || sys_read(file, to, size) != (long)size)
        fail("cannot be read\n");
}

static int protection(const ELF(Phdr) * header)
{
    return (header->p_flags & PF_R ? PROT_READ : 0) | (header->p_flags & PF_W ? PROT_WRITE : 0) |
           (header->p_flags & PF_X ? PROT_EXEC : 0);
}

static uintptr_t map(uintptr_t address, size_t length, int file, const ELF(Phdr) * header)
{
    int flags = MAP_PRIVATE | (address ? MAP_FIXED : 0);
    uintptr_t offset = header->p_offset & ~(PAGE_SIZE - 1);
#ifdef __NR_mmap2
    long got = sys_call(__NR_mmap2, (long)address, (long)length, protection(header), flags, file,
                        (long)(offset / 4096));
#else
    long got = sys_call(__NR_mmap, (long)address, (long)length, protection(header), flags, file,
                        (long)offset);
#endif
    if (sys_failed(got))
        fail("cannot be mapped\n");
    return (uintptr_t)got;
}

/*
 * Where its first PT_LOAD is: mapped with the length of all, with the others then mapped over it.
 */
static uintptr_t load(int file, const ELF(Phdr) * headers, unsigned count)
{
    const ELF(Phdr) *first = NULL;
    uintptr_t end = 0;
    uintptr_t base = 0;

    for (unsigned i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD)
            continue;
        if (!first)
            first = &headers[i];
        end = headers[i].p_vaddr + headers[i].p_memsz;
    }
    for (unsigned i = 0; first && i < count; i++) {
        uintptr_t begin = headers[i].p_vaddr & ~(PAGE_SIZE - 1);

        if (headers[i].p_type != PT_LOAD)
            continue;
        if (&headers[i] == first)
            base = map(0, end - begin, file, first) - begin;
        else
            map(base + begin, headers[i].p_vaddr + headers[i].p_filesz - begin, file, &headers[i]);
    }
    return base;
}

/* Its DT_INIT: a library has no entry. */
static uintptr_t initialiser(uintptr_t base, const ELF(Phdr) * headers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const ELF(Dyn) *dynamic = (const void *)(base + headers[i].p_vaddr);

        for (; headers[i].p_type == PT_DYNAMIC && dynamic->d_tag != DT_NULL; dynamic++)
            if (dynamic->d_tag == DT_INIT)
                return base + (uintptr_t)dynamic->d_un.d_ptr;
    }
    fail("has no DT_INIT\n");
}

void main(void)
{
    static ELF(Phdr) headers[128];
    ELF(Ehdr) header;
    char answer[21];
    int file = (int)sys_open(AT_FDCWD, LIBRARY, O_RDONLY);

    if (file < 0)
        fail("cannot be opened\n");
    read_at(file, 0, &header, sizeof(header));
    if (header.e_phnum > sizeof(headers) / sizeof(headers[0]))
        fail("has too many program headers\n");
    read_at(file, (long)header.e_phoff, headers, header.e_phnum * sizeof(headers[0]));
    uintptr_t base = load(file, headers, header.e_phnum);
    uintptr_t answers = initialiser(base, headers, header.e_phnum);
    text_from_number(answer, ((unsigned (*)(unsigned))answers)(5));
    sys_write(1, "answered ", 9);
    sys_write(1, answer, text_length(answer));
    sys_write(1, "\n", 1);
    sys_exit(0);
}
