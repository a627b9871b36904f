"""ELF files with their read-only PT_LOADs cut in several, at pages of the file: each piece is a separate mapping.

The longer program header table goes to the file's end, outside of all segments. Programs that read it in memory
(AT_PHDR) would fail; those of guest/ and glibc's dynamic loader do not.
"""
import struct

import elf

PAGE = elf.PAGE


def _fields(form, entry, at):
    if form.bits == 64:
        kind, flags, offset, vaddr, paddr, filesz, memsz, align = struct.unpack_from(form.order + "II6Q", entry, at)
    else:
        kind, offset, vaddr, paddr, filesz, memsz, flags, align = struct.unpack_from(form.order + "8I", entry, at)
    return [kind, flags, offset, vaddr, paddr, filesz, memsz, align]


def _packed(form, fields):
    kind, flags, *rest = fields
    if form.bits == 64:
        return struct.pack(form.order + "II6Q", kind, flags, *rest)
    return struct.pack(form.order + "8I", kind, *rest[:5], flags, rest[5])


def _pieces(fields, pages):
    """One PT_LOAD as several."""
    kind, flags, offset, vaddr, paddr, filesz, memsz, align = fields
    inside = [page * PAGE for page in pages if offset < page * PAGE < offset + filesz]
    for start, end in zip([offset, *inside], [*inside, offset + filesz]):
        size = end - start
        tail = memsz - filesz if end == offset + filesz else 0
        yield [kind, flags, start, vaddr + start - offset, paddr + start - offset, size, size + tail, align]


def cut(data, pages):
    """The file with a PT_LOAD beginning at each of these pages that lies inside a read-only one."""
    form = elf.Form(32 * data[4], data[5] == 2)
    wide = form.bits == 64
    start, = struct.unpack_from(form.order + ("Q" if wide else "I"), data, 32 if wide else 28)
    size, count = struct.unpack_from(form.order + "HH", data, 54 if wide else 42)
    headers = []
    for at in range(start, start + size * count, size):
        fields = _fields(form, data, at)
        read_only = fields[0] == elf.PT_LOAD and not fields[1] & elf.W
        headers += list(_pieces(fields, sorted(pages))) if read_only else [fields]
    out = bytearray(data + bytes(-len(data) % 8))
    table = len(out)
    out += b"".join(_packed(form, fields) for fields in headers)
    struct.pack_into(form.order + ("Q" if wide else "I"), out, 32 if wide else 28, table)
    struct.pack_into(form.order + "H", out, 56 if wide else 44, len(headers))
    return bytes(out)
