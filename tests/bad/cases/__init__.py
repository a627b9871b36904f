"""Cases: each is a function that makes an image, wrong on request, and lists the findings that the wrong one must give.

The right image is its twin: the same image with the offending part corrected, which is a byte or a field wherever the
format allows that. The CRC is right in both. It gives no finding at all.
"""
import collections

from maker import Shape

Found = collections.namedtuple("Found", "rule path block", defaults=("", None))

SHAPES = [Shape("little", 4096), Shape("big", 4096), Shape("little", 65536), Shape("big", 65536, boot=512)]
SMALL_PAGES = [shape for shape in SHAPES if shape.page == 4096]

Case = collections.namedtuple("Case", "make found shapes options")
ALL = []


def case(*found, shapes=SHAPES, options=()):
    """Registers make(shape, wrong), which returns the bytes of an image."""
    def register(make):
        ALL.append(Case(make, list(found), shapes, options))
        return make
    return register
