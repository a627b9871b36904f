/*
 * The system calls that the guest's programs make, without a C library: Debian has none for
 * big-endian ARM, and none that a bFLT program could link. Each returns what the kernel returns: a
 * negative errno says that it failed.
 */
#ifndef SYS_H
#define SYS_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set by the compiler's options for a kernel with larger pages. */
#ifndef PAGE_BYTES
#define PAGE_BYTES 4096
#endif
#define PAGE_SIZE ((size_t)PAGE_BYTES)

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__arm__)
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    register long r3 __asm__("r3") = d;
    register long r4 __asm__("r4") = e;
    register long r5 __asm__("r5") = f;

    __asm__ volatile("svc #0"
                     : "+r"(r0)
                     : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
                     : "memory", "cc");
    return r0;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;

    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory", "cc");
    return x0;
#elif defined(__riscv)
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;

    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
                     : "memory");
    return a0;
#else
#error "no system calls for this processor"
#endif
}

static inline long sys_open(int directory, const char *path, int flags)
{
    return sys_call(__NR_openat, directory, (long)path, flags | O_CLOEXEC, 0, 0, 0);
}

static inline long sys_close(int file)
{
    return sys_call(__NR_close, file, 0, 0, 0, 0, 0);
}

static inline long sys_read(int file, void *data, size_t size)
{
    return sys_call(__NR_read, file, (long)data, (long)size, 0, 0, 0);
}

static inline long sys_write(int file, const void *data, size_t size)
{
    return sys_call(__NR_write, file, (long)data, (long)size, 0, 0, 0);
}

static inline long sys_fsync(int file)
{
    return sys_call(__NR_fsync, file, 0, 0, 0, 0, 0);
}

/*
 * Offsets stay below 2 GiB here: ARM's calls with 64 bits take their halves in an order that
 * depends on endianness.
 */
static inline long sys_seek(int file, long offset, int whence)
{
    return sys_call(__NR_lseek, file, offset, whence, 0, 0, 0);
}

static inline long sys_getdents(int directory, void *entries, size_t size)
{
    return sys_call(__NR_getdents64, directory, (long)entries, (long)size, 0, 0, 0);
}

static inline long sys_stat(int directory, const char *path, int flags, struct statx *status)
{
    return sys_call(__NR_statx, directory, (long)path, flags, STATX_BASIC_STATS, (long)status, 0);
}

static inline long sys_readlink(int directory, const char *path, char *target, size_t size)
{
    return sys_call(__NR_readlinkat, directory, (long)path, (long)target, (long)size, 0, 0);
}

static inline long sys_mkdir(const char *path, int mode)
{
    return sys_call(__NR_mkdirat, AT_FDCWD, (long)path, mode, 0, 0, 0);
}

static inline long sys_mount(const char *source, const char *target, const char *type,
                             unsigned long flags)
{
    return sys_call(__NR_mount, (long)source, (long)target, (long)type, (long)flags, 0, 0);
}

/*
 * Wherever the kernel likes; OFFSET is a multiple of the page. An address may look negative: ask
 * sys_failed().
 */
static inline long sys_map(size_t length, int protection, bool shared, int file, uint64_t offset)
{
    int flags = shared ? MAP_SHARED : MAP_PRIVATE;

#ifdef __NR_mmap2
    return sys_call(__NR_mmap2, 0, (long)length, protection, flags, file,
                    (long)(offset / PAGE_SIZE));
#else
    return sys_call(__NR_mmap, 0, (long)length, protection, flags, file, (long)offset);
#endif
}

static inline bool sys_failed(long result)
{
    return (unsigned long)result > -4096UL;
}

static inline long sys_unmap(const void *map, size_t length)
{
    return sys_call(__NR_munmap, (long)map, (long)length, 0, 0, 0, 0);
}

static inline _Noreturn void sys_exit(int status)
{
    for (;;)
        sys_call(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

/* Needs root; writes nothing back first. Returns only when it failed. */
void sys_power_off(void);

/* Let this process have COUNT open files. */
long sys_allow_open_files(unsigned long count);

/*
 * Run a program with its standard output in the pipe that OUTPUT takes the reading end of. Returns
 * its process id.
 */
long sys_spawn(const char *path, int *output);

/* Wait for it; returns its exit status, or 128 and the signal that ended it. */
long sys_wait(long process);

#endif
