"""zlib streams that some inflaters take and that the kernel's refuses: RFC 1951 does not allow them."""
import zlib

from cases import Found, case
from maker import Image, deflated, file

DATA = b"a" * 30
ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


class Bits:
    """Bits that are packed from the low end of each byte."""

    def __init__(self):
        self.list = []

    def number(self, value, count):
        self.list += [value >> bit & 1 for bit in range(count)]

    def code(self, text):
        self.list += [int(bit) for bit in text]

    def bytes(self):
        padded = self.list + [0] * (-len(self.list) % 8)
        return bytes(sum(bit << place for place, bit in enumerate(padded[at:at + 8])) for at in range(0, len(padded), 8))


def stream(distances, lengths=(1, 1), literals=257, zero_is_coded=True):
    """One block with its own codes: one byte value and the end, of one bit each; distances of these lengths, and
    zeroes."""
    bits = Bits()
    bits.number(1, 1)
    bits.number(2, 2)
    bits.number(literals - 257, 5)
    bits.number(distances - 1, 5)
    bits.number(18 - 4, 4)
    codes = {1: "0", 0: "10", 18: "11"} if zero_is_coded else {1: "0", 18: "10"}  # then 11 is unused
    for symbol in ORDER[:18]:
        bits.number(len(codes.get(symbol, "")), 3)

    def zeroes(count):
        while count >= 11:
            run = min(count, 138)
            bits.code(codes[18])
            bits.number(run - 11, 7)
            count -= run
        for _ in range(count):
            bits.code(codes[0])

    zeroes(97)
    bits.code(codes[1])
    zeroes(256 - 98)
    bits.code(codes[1])
    zeroes(literals - 257)
    for length in lengths:
        bits.code(codes[length])
    zeroes(distances - len(lengths))
    bits.code("0" * len(DATA) + "1")
    return b"\x78\x9c" + bits.bytes() + zlib.adler32(DATA).to_bytes(4, "big")


def image_of(shape, raw):
    return Image(shape, file(b"f", deflated(DATA, raw=raw))).bytes()


@case(Found("block-inflate", "/f", 0))
def stream_has_32_distances(shape, wrong):
    return image_of(shape, stream(32 if wrong else 30))


@case(Found("block-inflate", "/f", 0))
def stream_has_287_literals_and_lengths(shape, wrong):
    return image_of(shape, stream(13, literals=287 if wrong else 286))


@case(Found("block-inflate", "/f", 0))
def code_of_a_streams_lengths_is_not_complete(shape, wrong):
    return image_of(shape, stream(13, zero_is_coded=not wrong))
