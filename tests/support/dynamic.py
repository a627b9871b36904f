"""ELF programs and libraries that need others: PT_INTERP and PT_DYNAMIC, without any section."""
import random
import struct

from elf import R, X, Form, Segment, elf_file

PT_DYNAMIC, PT_INTERP = 2, 3
DT_NULL, DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_RPATH, DT_RUNPATH = 0, 1, 5, 10, 15, 29
BASE = 0x10000      # where the file is linked to: no address is an offset
HEADERS = 512       # room for the ELF header and the program headers


class Strings:
    def __init__(self):
        self.bytes = b"\0"

    def add(self, text):
        at = len(self.bytes)
        self.bytes += text.encode(errors="surrogateescape") + b"\0"
        return at


def entries(form, pairs):
    word = "Q" if form.bits == 64 else "I"
    return b"".join(struct.pack(f"{form.order}2{word}", tag, value) for tag, value in (*pairs, (DT_NULL, 0)))


def dynamic_file(needed=(), form=Form(), rpath=None, runpath=None, interpreter=None, text=9000, change=()):
    """A file of one PT_LOAD. `change` is (tag, value) pairs that replace those of the dynamic section."""
    strings = Strings()
    pairs = [(DT_NEEDED, strings.add(name)) for name in needed]
    pairs += [(tag, strings.add(path)) for tag, path in ((DT_RPATH, rpath), (DT_RUNPATH, runpath)) if path is not None]
    pairs += [(DT_STRTAB, BASE + HEADERS), (DT_STRSZ, len(strings.bytes))]
    pairs = [(tag, dict(change).get(tag, value)) for tag, value in pairs]
    dynamic_at = HEADERS + len(strings.bytes) + -len(strings.bytes) % 16
    dynamic = entries(form, pairs)
    name = interpreter.encode() + b"\0" if interpreter else b""
    body = bytes(HEADERS) + strings.bytes
    body += bytes(dynamic_at - len(body)) + dynamic + name
    interpreter_at = dynamic_at + len(dynamic)
    body += random.Random(repr((needed, rpath, runpath, text))).randbytes(text)
    segments = [Segment(R | X, 0, len(body), BASE),
                Segment(R, dynamic_at, len(dynamic), BASE + dynamic_at, kind=PT_DYNAMIC)]
    if interpreter:
        segments.append(Segment(R, interpreter_at, len(name), BASE + interpreter_at, kind=PT_INTERP))
    return elf_file(form, segments, body)
