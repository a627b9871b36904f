"""Debian's armhf busybox and C library as the root file system: what runs, runs from ROM, page for page as said."""
import os
import shutil
import subprocess

import pytest

import case
import oracle

INIT = b"""#!/bin/busybox sh
/sbin/agent
echo init: the agent ended, which it should not
"""


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


@pytest.fixture(scope="module")
def booted(arm, tools, debian_armhf, tmp_path_factory):
    work = tmp_path_factory.mktemp("root")
    root = work / "root"
    shutil.copytree(debian_armhf, root, symlinks=True)
    # Where /usr is merged, packages leave these links to base-files.
    for name in ("bin", "sbin", "lib"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev", "mnt"):
        (root / name).mkdir()
    (root / "sbin" / "init").write_bytes(INIT)
    (root / "sbin" / "init").chmod(0o755)
    shutil.copy(arm.agent, root / "sbin" / "agent")
    compile_programs(root, arm.machine.toolchain)
    runs = [f"run {os.fsencode(f'usr/bin/{name}').hex()}" for name in (*LINKED, STATIC)]
    return case.run_case(arm, tools, root, work / "image", init="/sbin/init", extra_requests=["process 1", *runs])


def reported(booted, path):
    """The report's entry of a file, its path resolved in the image's tree."""
    real = "/" + os.path.relpath(os.path.realpath(booted.source / path), os.path.realpath(booted.source))
    return next(file for file in booted.report["files"] if file["path"] == real)


AGENT = "sbin/agent"  # static, at fixed addresses: the kernel alone loads it
PROGRAM, LOADER, LIBRARY = "bin/busybox", "lib/ld-linux-armhf.so.3", "lib/arm-linux-gnueabihf/libc.so.6"


def test_the_root_is_the_source_tree(booted):
    booted.compare().verdict(nodes=700, files=600, bytes=16 << 20, mappings=800, pages=6000, direct_pages=3000,
                             direct_mappings=2, mixed_mappings=400, refused_mappings=250)


def test_the_report_s_mappings_are_those_of_the_program_headers(booted):
    assert not case.loader_disagreements(booted)


@pytest.mark.parametrize("path, direct", [(PROGRAM, 20), (LOADER, 20), (LIBRARY, 20), (AGENT, 3)])
def test_init_was_mapped_as_predicted(booted, path, direct):
    """What the kernel's ELF loader and ld.so asked for while /sbin/init and the agent started, mapping by mapping."""
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, reported(booted, path), booted.observation.boot_messages)
    comparison.verdict(mappings=2, lengths=1, direct_pages=direct)


@pytest.mark.parametrize("path", [PROGRAM, LOADER, LIBRARY])
def test_init_s_text_lies_in_rom(booted, path):
    """The same from the other side: the frames in the page table of the running process."""
    file = reported(booted, path)
    text = [region for region in booted.observation.regions
            if region["path"] == os.fsencode(file["path"]) and region["flags"] == "r-xp"]
    predicted = [mapping for mapping in file["mappings"] if mapping["flags"] == "r-x"]
    assert len(text) == len(predicted) == 1
    # The first mapping of a position-independent object is cut to its segment once the others are laid over it.
    assert text[0]["rom_pages"] == min(predicted[0]["direct_pages"], text[0]["pages"])
    assert text[0]["rom_pages"] == text[0]["pages"] >= 20


@pytest.mark.parametrize("name", [*LINKED, STATIC])
def test_a_program_and_its_library_are_loaded_as_predicted(booted, name):
    run = next(run for run in booted.observation.runs if run["path"] == f"usr/bin/{name}".encode())
    assert (run["status"], run["output"]) == (0, b"answered\n"), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, reported(booted, f"usr/bin/{name}"), run["messages"])
    if name in LINKED:
        oracle.compare_load(comparison, reported(booted, f"usr/lib/test/libword-{name}.so"), run["messages"])
    comparison.verdict(mappings=4 if name in LINKED else 2, lengths=1, direct_pages=2)
