"""A root of Debian's busybox and C library, whose init starts the agent, and programs to run there."""
import os
import shutil
import subprocess

import oracle

INIT = b"""#!/bin/busybox sh
/sbin/agent
echo init: the agent ended, which it should not
"""

AGENT = "sbin/agent"  # static, at fixed addresses: the kernel alone loads it
PROGRAM, LOADER, LIBRARY = "bin/busybox", "lib/ld-linux-armhf.so.3", "lib/arm-linux-gnueabihf/libc.so.6"



def library(machine):
    return f"lib/{machine.triplet}/libc.so.6"


def started(machine):
    """The files that are mapped when init starts."""
    return (PROGRAM, machine.loader, library(machine), AGENT)


LIBRARY_SOURCE = b"const char *word(void) { return \"answered\"; }\n"
PROGRAM_SOURCE = b"#include <stdio.h>\nconst char *word(void);\nint main(void) { return puts(word()) < 0; }\n"
LINKED = {
    "separate": ("-pie", "-Wl,-z,separate-code"),
    "joined": ("-pie", "-Wl,-z,noseparate-code"),
    "fixed": ("-no-pie", "-Wl,-z,separate-code"),
}
STATIC = "static"


def compile_programs(root, toolchain):
    """Programs with the C library and one library more, linked in several ways; and one without either."""
    def compile_c(source, to, *options):
        command = [toolchain.prefix + "gcc", "-x", "c", "-", "-O1", "-fPIC", "-o", to, *options]
        subprocess.run(command, input=source, check=True)

    lib, bin = root / "usr/lib/test", root / "usr/bin"
    lib.mkdir()
    for name, options in LINKED.items():
        page_layout = options[1:]
        compile_c(LIBRARY_SOURCE, lib / f"libword-{name}.so", "-shared", *page_layout)
        compile_c(PROGRAM_SOURCE, bin / name, *options, f"-L{lib}", f"-lword-{name}", "-Wl,-rpath,/usr/lib/test")
    compile_c(PROGRAM_SOURCE + LIBRARY_SOURCE, bin / STATIC, "-static")


def make_root(root, packages, guest):
    """Copy the unpacked packages, and add the files that it needs to boot."""
    shutil.copytree(packages, root, symlinks=True)
    # Where /usr is merged, packages leave these links to base-files.
    for name in ("bin", "sbin", "lib"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev", "mnt"):
        (root / name).mkdir()
    (root / "sbin" / "init").write_bytes(INIT)
    (root / "sbin" / "init").chmod(0o755)
    shutil.copy(guest.agent, root / "sbin" / "agent")
    compile_programs(root, guest.machine.toolchain)


def run_requests():
    """The requests to the agent: the mappings of init, and to run each of the programs."""
    return ["process 1", *(f"run {os.fsencode(f'usr/bin/{name}').hex()}" for name in (*LINKED, STATIC))]


# -- what a boot of it shows ---------------------------------------------------------------------------------------------

def check_start(booted, path, **least):
    """The mappings that the kernel's ELF loader and ld.so made while /sbin/init and the agent started, one by one."""
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(path), booted.observation.boot_messages)
    comparison.verdict(mappings=2, lengths=1, **least)


def check_text_in_rom(booted, path, least):
    """The same from the other side: the frames in the page table of the running process."""
    file = booted.reported(path)
    text = [region for region in booted.observation.regions
            if region["path"] == os.fsencode(file["path"]) and region["flags"] == "r-xp"]
    predicted = [mapping for mapping in file["mappings"] if mapping["flags"] == "r-x"]
    assert len(text) == len(predicted) == 1
    # The first mapping of a position-independent object is cut to its segment once the others are laid over it.
    assert text[0]["rom_pages"] == min(predicted[0]["direct_pages"], text[0]["pages"])
    assert text[0]["rom_pages"] == text[0]["pages"] >= least


def check_program(booted, name, least):
    """A program, and the library that it was linked with, were loaded as predicted."""
    run = next(run for run in booted.observation.runs if run["path"] == f"usr/bin/{name}".encode())
    assert (run["status"], run["output"]) == (0, b"answered\n"), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(f"usr/bin/{name}"), run["messages"])
    if name in LINKED:
        oracle.compare_load(comparison, booted.reported(f"usr/lib/test/libword-{name}.so"), run["messages"])
    comparison.verdict(mappings=4 if name in LINKED else 2, lengths=1, direct_pages=least)
