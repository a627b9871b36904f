"""bFLT files of any shape, from the description of the format: 64 bytes of header, big endian everywhere."""
import struct

HEADER = 64
RAM, GOTPIC, GZIP, GZDATA = 1, 2, 4, 8


def flat_file(text_end, payload, flags=GOTPIC, version=4, data_end=None, bss_end=None, stack=4096, relocations=0):
    """The payload with a header over its first bytes; text is [0, text_end), data go on to the end of the file."""
    data_end = len(payload) if data_end is None else data_end
    bss_end = data_end + 100 if bss_end is None else bss_end
    fields = [version, HEADER, text_end, data_end, bss_end, stack, data_end, relocations, flags, 0]
    return b"bFLT" + struct.pack(">10I", *fields) + bytes(20) + payload[HEADER:]
