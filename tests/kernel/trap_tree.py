"""Trees with a case for each trap of the format that a packer can fall into."""
import random
import stat

import elf
from trees import LONGEST_NAME, PAGE, Tree, compressible, incompressible, zeroes


def _elf(rng, layout):
    segments, size = layout
    return elf.elf_file(elf.Form(), segments, incompressible(rng, size))


def trap_equal_contents(tree, rng):
    """To the kernel, the place of the data is the inode's number: equal contents must not make equal inodes."""
    tree.directory(b"equal")
    kinds = {b"short": b"a few bytes", b"page": compressible(rng, PAGE), b"pages": incompressible(rng, 3 * PAGE),
             b"elf": _elf(rng, elf.text_only(3 * PAGE + 40))}
    for name, data in kinds.items():
        at = b"equal/" + name
        for index, mode in enumerate((0o644, 0o644, 0o600, 0o4755, 0)):
            tree.file(at + b"-mode%d" % index, data, mode)
        tree.file(at + b"-uid", data, uid=1000)
        tree.file(at + b"-gid", data, gid=100)
        tree.file(at + b"-longer", data + b"\0")
    for name in (b"target", b"a-target", b"z-target"):
        tree.symlink(b"equal/" + name + b"-link", kinds[b"short"])
    tree.symlink(b"equal/owned-link", kinds[b"short"], uid=7, gid=7)
    tree.special(b"equal/fifo1", stat.S_IFIFO)
    tree.special(b"equal/fifo2", stat.S_IFIFO, 0o600)
    for index, mode in enumerate((0o755, 0o700)):
        tree.directory(b"equal/directory%d" % index, mode)
        tree.file(b"equal/directory%d/same" % index, kinds[b"short"])
        tree.directory(b"equal/empty%d" % index, mode)


def trap_page_multiples(tree, rng):
    """Text to the very end of a file of whole pages: its last block may not be in place."""
    tree.directory(b"multiples")
    for pages in (1, 2, 3, 8):
        segments, size = elf.text_only(pages * PAGE)
        for name, fill in ((b"random", incompressible), (b"text", compressible), (b"zero", zeroes)):
            for form in (elf.Form(), elf.Form(64, True)):
                data = elf.elf_file(form, segments, fill(rng, size))
                tree.file(b"multiples/%d-%s-%d" % (pages, name, form.bits), data, 0o755)
    for off in (-4, -1, 1, 4):
        data = _elf(rng, elf.text_only(3 * PAGE + off))
        tree.file(b"multiples/off%+d" % off, data, 0o755)
        tree.file(b"multiples/twin%+d" % off, data, 0o700)
    tree.file(b"multiples/data-last", _elf(rng, elf.text_and_data(2 * PAGE + 200, 3 * PAGE - 200)))


def trap_names(tree, rng):
    """Lookup in a sorted directory stops early: every name must be where the kernel looks for it."""
    tree.directory(b"names")
    for length in (LONGEST_NAME, LONGEST_NAME - 1, LONGEST_NAME - 3, LONGEST_NAME - 4):
        for letter in (b"a", b"n", b"\xff"):
            tree.file(b"names/" + letter * length, letter)
    names = {bytes([first]) + rest for first in (1, 10, 0x20, 0x2d, 0x41, 0x61, 0x7f, 0x80, 0xc3, 0xff)
             for rest in (b"", b"a", b"b", b"\x7f", b"\x80", b"\xff", b"aa", b"ab", b"\xffa", b"aaaa")}
    for name in sorted(names, key=lambda _: rng.random()):
        tree.file(b"names/" + name, name)


def trap_devices(tree, _):
    tree.directory(b"devices")
    for kind, name in ((stat.S_IFCHR, b"char"), (stat.S_IFBLK, b"block")):
        for major in (0, 1, 255):
            for minor in (0, 1, 255):
                tree.special(b"devices/%s-%d-%d" % (name, major, minor), kind, major=major, minor=minor)


def make_trap_tree(root, seed=6):
    rng = random.Random(seed)
    tree = Tree(root)
    for trap in (trap_equal_contents, trap_page_multiples, trap_names, trap_devices):
        trap(tree, rng)


def make_directory_that_ends_at(root, end, first_entry=76):
    """A root of empty files whose last entry ends at this offset of the image, with no data after it."""
    tree = Tree(root)
    left = end - first_entry
    index = 0
    while left:
        # An entry is 12 bytes and a name in whole words; leave room for one more, or for none.
        size = min(left, 12 + LONGEST_NAME)
        if 0 < left - size < 16:
            size -= 16
        tree.file((b"%03d" % index).ljust(size - 12, b"-"), b"")
        left -= size
        index += 1


def make_longest_file(root):
    """16 MiB less one byte, the most that an inode can hold, all of it text."""
    Tree(root).file(b"longest", _elf(random.Random(16), elf.text_only((16 << 20) - 1)), 0o755)


def check(comparison, options):
    """The verdict on the trap tree, packed with these options."""
    least = {"direct_pages": 150, "direct_mappings": 20, "mixed_mappings": 20} if options == "--xip=auto" else {}
    comparison.verdict(nodes=400, files=340, bytes=1 << 20, mappings=200, pages=400, refused_mappings=100, **least)
