"""The programs that run in the guest: compile them, once for each state of their sources, and keep them in the cache.

They are freestanding (guest/sys.h): the same sources run on every kernel. Where there is an MMU they are ELF; without
one, bFLT.
"""
import dataclasses
import hashlib
import os
import pathlib
import subprocess
import tempfile

import flat

HERE = pathlib.Path(__file__).parent
SOURCES = HERE / "guest"
CACHE = pathlib.Path(os.environ.get("CRAMFS_XIP_CACHE")
                     or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "cramfs-xip")
AGENT = ("agent.c", "kmsg.c", "mapping.c", "md5.c", "proc.c", "record.c", "start.S", "sys.c", "text.c", "walk.c")
WHERE = ("where.c", "start.S", "sys.c")  # prints the address at which it runs
LONG_WHERE = (*WHERE, "filler.S")  # and has pages in each segment
STACK = 1 << 18
STATIC = ("-static",)
STATIC_PIE = ("-fPIE", "-static-pie", "-Wl,--no-dynamic-linker")
# gcc would make memset() out of the loop that memset() is.
FREESTANDING = ("-std=c11", "-O2", "-ffreestanding", "-nostdlib", "-fno-stack-protector",
                "-fno-asynchronous-unwind-tables", "-fno-tree-loop-distribute-patterns",
                "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror")


class ToolFailed(Exception):
    """A command of the harness itself failed; the message is its output."""


def run(*command, **options):
    words = [os.fspath(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise ToolFailed(f"{words[0]} ended with {done.returncode}:\n{done.stderr.decode(errors='replace')}")
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Toolchain:
    """How to compile for a machine, and whether to make bFLT of it."""
    prefix: str
    options: tuple = ()
    link: tuple = ()
    flat: bool = False


def build(toolchain, sources, *options, load_to_ram=False, filler=b""):
    """Compile and link; returns the program's path. Options, STATIC if none, say what kind of executable to make.

    A bFLT program is linked in the one way that suits it; the filler lengthens its text.
    """
    paths = [SOURCES / name for name in sources]
    if toolchain.flat:
        options = (*STATIC_PIE, "-Wl,-T", os.fspath(SOURCES / "flat.ld"))
    command = [toolchain.prefix + "gcc", *FREESTANDING, *toolchain.options, *toolchain.link, *(options or STATIC)]
    read = [path.read_bytes() for path in sorted(SOURCES.iterdir())]
    key = hashlib.sha256(repr([command, sources, load_to_ram, filler, read]).encode()).hexdigest()[:16]
    program = CACHE / "guest" / f"{toolchain.prefix}{sources[0].removesuffix('.c')}-{key}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as work:
            made = pathlib.Path(work) / "program"
            run(*command, "-o", made, *paths)
            if toolchain.flat:
                make_flat(toolchain, made, load_to_ram, filler)
            os.rename(made, program)
    return program


def make_flat(toolchain, program, load_to_ram, filler):
    """Turn the linked ELF file into bFLT, in its place. Nothing relocates it: it must not need that."""
    relocations = run(toolchain.prefix + "readelf", "-r", "-W", program).decode()
    assert "There are no relocations in this file" in relocations, f"{program}: {relocations}"
    listed = [line.split() for line in run(toolchain.prefix + "nm", program).decode().splitlines()]
    symbols = {words[2]: int(words[0], 16) for words in listed if len(words) == 3}
    text_end, data_end, bss_end = (symbols[f"flat_{name}_end"] for name in ("text", "data", "bss"))
    assert symbols["_start"] == flat.HEADER
    assert load_to_ram or text_end == bss_end, f"{program}: text in ROM would not find its data"
    run(toolchain.prefix + "objcopy", "-O", "binary", program, program)
    payload = (bytes(flat.HEADER) + program.read_bytes())[:data_end].ljust(data_end, b"\0") + filler
    if filler:
        assert text_end == bss_end, f"{program}: a filler would lie behind the data, not in the text"
        text_end = data_end = bss_end = len(payload)
    program.write_bytes(flat.flat_file(text_end, payload, flags=flat.RAM if load_to_ram else 0, data_end=data_end,
                                       bss_end=bss_end, stack=STACK))
    program.chmod(0o755)
