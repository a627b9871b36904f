"""Small ELF files with any PT_LOAD layout, and a second implementation of how a loader maps them.

Only headers matter here: nothing runs these files. Both classes and both byte orders.
"""
import dataclasses
import struct

PAGE = 4096
PT_LOAD = 1
ET_EXEC, ET_DYN = 2, 3
X, W, R = 1, 2, 4
EM_ARM, EM_AARCH64 = 40, 183
EI_OSABI, OSABI_ARM_FDPIC = 7, 65


@dataclasses.dataclass(frozen=True)
class Segment:
    flags: int
    offset: int
    filesz: int
    vaddr: int
    memsz: int = 0      # at least filesz
    align: int = PAGE
    kind: int = PT_LOAD


@dataclasses.dataclass(frozen=True)
class Form:
    bits: int = 32
    big: bool = False
    kind: int = ET_DYN
    machine: int = 0    # 0: one that has these bits

    @property
    def order(self):
        return ">" if self.big else "<"


def elf_file(form, segments, payload):
    """The payload with an ELF header and the program headers laid over its first bytes."""
    wide = form.bits == 64
    header_size, entry_size = (64, 56) if wide else (52, 32)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if form.big else 1, 1]) + bytes(9)
    word = "Q" if wide else "I"
    machine = form.machine or (EM_AARCH64 if wide else EM_ARM)
    header = ident + struct.pack(f"{form.order}HHI3{word}I6H", form.kind, machine, 1, segments[0].vaddr, header_size, 0,
                                 0, header_size, entry_size, len(segments), 0, 0, 0)
    for s in segments:
        memsz = max(s.memsz, s.filesz)
        if wide:
            fields = [s.flags, s.offset, s.vaddr, s.vaddr, s.filesz, memsz, s.align]
            header += struct.pack(f"{form.order}II6Q", s.kind, *fields)
        else:
            fields = [s.offset, s.vaddr, s.vaddr, s.filesz, memsz, s.flags, s.align]
            header += struct.pack(f"{form.order}8I", s.kind, *fields)
    return header + payload[len(header):]


def _program_headers(data):
    """(form, segments) of a file whose headers are whole, else None."""
    if len(data) < 52 or data[:4] != b"\x7fELF" or data[4] not in (1, 2) or data[5] not in (1, 2):
        return None
    form = Form(32 * data[4], data[5] == 2, struct.unpack_from(">H" if data[5] == 2 else "<H", data, 16)[0])
    wide = form.bits == 64
    if len(data) < 64 and wide:
        return None
    if form.kind not in (ET_EXEC, ET_DYN):
        return None
    start, = struct.unpack_from(form.order + ("Q" if wide else "I"), data, 32 if wide else 28)
    size, count = struct.unpack_from(form.order + "HH", data, 54 if wide else 42)
    if size != (56 if wide else 32) or start + size * count > len(data):
        return None
    segments = []
    for at in range(start, start + size * count, size):
        if wide:
            kind, flags, offset, vaddr, _, filesz, memsz, align = struct.unpack_from(f"{form.order}II6Q", data, at)
        else:
            kind, offset, vaddr, _, filesz, memsz, flags, align = struct.unpack_from(f"{form.order}8I", data, at)
        if kind == PT_LOAD:
            segments.append(Segment(flags, offset, filesz, vaddr, memsz, align))
    return form, segments


def page_up(number):
    return -(-number // PAGE) * PAGE


def loader_mappings(data):
    """[(offset, pages, flags)] that a loader asks for, in order: each PT_LOAD with bytes in the file, from page to page.

    The first of a position-independent object is asked for with the length of all, to find a place for the whole.
    """
    headers = _program_headers(data)
    if not headers:
        return []
    form, segments = headers
    mappings = []
    for index, s in enumerate(segments):
        lead = s.vaddr % PAGE
        length = s.filesz + lead
        if index == 0 and form.kind == ET_DYN:
            length = max(t.vaddr + t.memsz for t in segments) - (s.vaddr - lead)
        if s.filesz:
            flags = "".join(letter if s.flags & bit else "-" for bit, letter in ((R, "r"), (W, "w"), (X, "x")))
            mappings.append((s.offset - lead, page_up(length) // PAGE, flags))
    return mappings


def is_placed_twice(data):
    """Whether the kernel maps this program, without an interpreter, twice: its alignment is larger than the kernel's page."""
    form, segments = _program_headers(data)
    return form.kind == ET_DYN and max(segment.align for segment in segments) > PAGE


# -- layouts that linkers make: (segments, size of the file) -----------------------------------------------------

def text_and_data(text, data):
    """Read-only text from the file's start, and data right after it in the file: the page with both is mapped twice."""
    data_at = text + (-text % 4)
    return [Segment(R | X, 0, text, 0x10000),
            Segment(R | W, data_at, data, 0x10000 + data_at + PAGE, data + 777)], data_at + data


def separate_code(head, text, rodata, data):
    """Headers, text, constants and data in pages of their own, as `-z separate-code` lays them out."""
    text_at = page_up(head)
    rodata_at = text_at + page_up(text)
    data_at = rodata_at + rodata
    return [Segment(R, 0, head, 0), Segment(R | X, text_at, text, text_at), Segment(R, rodata_at, rodata, rodata_at),
            Segment(R | W, data_at, data, data_at + PAGE, data + 5000)], data_at + data


def text_only(text):
    """All of the file is text: with a multiple of the page it ends where the file's last page ends."""
    return [Segment(R | X, 0, text, 8 * PAGE)], text


def text_and_zeroes(text):
    """Data that is all zeroes: the second segment has no byte in the file, and the loader maps none."""
    return [Segment(R | X, 0, text, 8 * PAGE), Segment(R | W, text, 0, 8 * PAGE + page_up(text), 9000)], text


def text_in_the_middle(lead, text, trail):
    """Text that begins inside a page, and bytes after it that are in no segment, like debugging sections."""
    return [Segment(R | X, lead, text, 0x20000 + lead % PAGE)], lead + text + trail


def wide_alignment(text, data):
    """64 KiB alignment, as Debian's armhf linker sets it."""
    data_at = page_up(text) + 0xf00
    data_address = 0x10000 * (data_at // 0x10000 + 1) + data_at % 0x10000
    return [Segment(R | X, 0, text, 0, text, 0x10000),
            Segment(R | W, data_at, data, data_address, data + 40, 0x10000)], data_at + data
