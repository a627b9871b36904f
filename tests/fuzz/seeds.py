"""seeds.py DIRECTORY: makes the seeds of fuzzing, a directory for each kind of input.

Images are those of tests/bad, a wrong one and its twin for each rule, some with every kind of entry, and some made by
mkcramfs-xip; programs and archives have every form that this project knows. Those are made here. Texts, and
inputs that fuzzers found, are kept in corpus/, and copied.
"""
import gzip
import io
import lzma
import pathlib
import random
import shutil
import sys
import tarfile
import zipfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "bad"), str(HERE.parent / "support")]

import cases.blocks  # noqa: E402
import cases.directories  # noqa: E402
import cases.names  # noqa: E402
import cases.streams  # noqa: E402
import cases.superblock  # noqa: E402
import dynamic  # noqa: E402
import elf  # noqa: E402
import flat  # noqa: E402
from dynamic import dynamic_file  # noqa: E402
from maker import CHARACTER, Image, Shape, deflated, directory, file, hole, link, special, stored  # noqa: E402

PAGE_SIZES = [4096, 8192, 16384, 32768, 65536]


def cut(image):
    """Without the zeroes at the end: the shorter the input, the faster the fuzzer."""
    return image.rstrip(b"\0") + bytes(4)


def program(page):
    segments, size = elf.text_and_data(2 * page + 100, 300)
    return elf.elf_file(elf.Form(), segments, bytes(range(1, 101)) * (size // 100 + 1))[:size]


def everything(shape, in_place, edition=0):
    """All kinds of entry and of block; the program is for the XIP report."""
    page = bytes(range(1, 65)) * (shape.page // 64)
    text = program(shape.page)
    pages = [text[at:at + shape.page] for at in range(0, len(text), shape.page)]
    blocks = [stored(piece, direct=True, align=shape.page) if in_place else deflated(piece) for piece in pages]
    return Image(shape, directory(b"d", file(b"x", deflated(page), hole(), stored(b"end"), size=2 * shape.page + 3),
                                  link(b"y", b"x"), directory(b"z", special(b"n", CHARACTER | 0o600, 0x105))),
                 file(b"e", deflated(page, direct=True), hole(direct=True), deflated(b"tail"), size=2 * shape.page + 4),
                 file(b"p", *blocks, mode=0o755), special(b"q", 0o010600), directory(b"r"),
                 *[file(b"s", *blocks, mode=0o755, uid=1)] * in_place,  # shares the pages
                 future=PAGE_SIZES.index(shape.page), edition=edition).bytes()


def release(shape, nommu, seed):
    """An image as mkcramfs-xip lays them out, or one that is like several before it: runs in place with room between
    them, for either kind of kernel; chains that break off and share, in part, what others have."""
    rng, page, zone, programs = random.Random(seed), shape.page, 0x2000, []
    for number in range(rng.randint(2, 5)):
        size = rng.randint(300, 3 * page)
        payload = rng.randbytes(300) * (size // 300 + 1)
        data = flat.flat_file(size, payload[:size]) if nommu else \
            elf.elf_file(elf.Form(), elf.text_only(size)[0], payload)[:size]
        unit = 64 if nommu else page
        zone = -(-zone // unit) * unit + rng.choice((0, 0, unit))
        programs.append(file(b"p%d" % number, *[stored(data[at:at + page], direct=True, at=zone + at)
                                                for at in range(0, size, page)], mode=0o755))
        zone += size
    words = [b"%d times %d\n" % (seed, number) * page for number in range(8)]
    shared = [deflated(word[:page], direct=True) for word in words[:3]]
    noise = stored(rng.randbytes(page), direct=True)
    short = stored(noise.data[:100], direct=True)  # its first bytes, for the end of another file
    files = [file(b"a", *shared, *(deflated(word[:page]) for word in words[3:5])), file(b"b", shared[1], hole(direct=nommu), shared[2]),
             file(b"c", noise, deflated(words[6][:200])), file(b"d", hole(), short), file(b"e", stored(b"e"))]
    files[1].size, files[3].size = 2 * page + len(shared[2].data), page + 100
    image = Image(shape, *files, link(b"l", b"p/p0"), directory(b"p", *programs),
                  least_size=zone + page * rng.randint(0, 2), edition=2 if nommu else 0)
    short.at, short.pointer = noise.at, noise.pointer
    return image.bytes()


def parts_of(node):
    """The parts of a file or directory that must stay together, each with its length: entries, a pointer table, or a
    block that a direct pointer leads to with the blocks after it."""
    if node.directory:
        return [(node, sum(12 + len(entry.name_bytes()) for entry in node.entries))]
    parts = [(node, 4 * len(node.blocks))]
    for block in node.blocks:
        length = len(block.raw) + 2 * block.prefixed
        if block.direct:
            parts.append((block, length))
        elif parts[-1][0] is not node:
            parts[-1] = (parts[-1][0], parts[-1][1] + length)
    return parts


def tight(shape, nommu, seed):
    """Every part is placed anywhere, in any order and with almost no room in between, as no tool would do."""
    rng, page, at = random.Random(seed), shape.page, shape.boot + 1000

    def contents(number):
        pages = [rng.choice((b"%d of %d\n" % (number, seed) * page, rng.randbytes(30) * page, b"the same\n" * page))[:page]
                 for _ in range(rng.randint(1, 3))]
        return pages[:-1] + [pages[-1][:rng.randint(1, page - 1)]]

    def chain(pages):
        blocks = [deflated(pages[0], direct=True)] + [deflated(each, direct=rng.random() < 0.4) for each in pages[1:]]
        return [blocks[0]] + [hole(direct=rng.random() < 0.4) if rng.random() < 0.2 else block for block in blocks[1:]]

    def run(pages):
        run_pages = [stored(each, direct=True) for each in pages]
        for each in run_pages[1:]:
            each.at = 0  # follows the first
        return run_pages

    def any_file(number):
        pages = contents(number)
        blocks = rng.choice((chain, chain, chain, run))(pages)
        return file(b"%c%d" % (rng.choice(b"abc"), number), *blocks, size=sum(map(len, pages)))

    files = [any_file(number) for number in range(rng.randint(5, 9))]
    nested = [directory(name, *sorted(files[first::3], key=lambda each: each.name))
              for first, name in enumerate((b"x", b"y", b"z"))]
    parts = [part for node in nested + files for part in parts_of(node) if getattr(part[0], "at", None) is None]
    rng.shuffle(parts)
    for part, length in parts:
        in_place = getattr(part, "stored", False)
        at = -(-at // (page if in_place and not nommu else 4)) * (page if in_place and not nommu else 4)
        part.at = at
        owner = next((each for each in files if part in each.blocks), None)
        if in_place:
            for number, block in enumerate(owner.blocks):
                block.at = at + number * page
            length = (len(owner.blocks) - 1) * page + len(owner.blocks[-1].raw)
        at += length + rng.choice((0, 0, 0, 4, 12))
    return Image(shape, *nested, least_size=at + 300, edition=2 if nommu else 0).bytes()


def images():
    for case in cases.ALL:
        for shape in case.shapes:
            if shape.page == 4096:
                name = f"{case.make.__name__}-{shape}"
                yield f"{name}-wrong", cut(case.make(shape, True))
                yield f"{name}-right", case.make(shape, False)
    for order in ("little", "big"):
        for page in PAGE_SIZES:
            yield f"everything-{order}-{page}", cut(everything(Shape(order, page, boot=0), False))
        yield f"everything-{order}-boot", cut(everything(Shape(order, boot=512), False))
        for edition in range(3):  # shows targets the kernel
            yield f"everything-{order}-in-place-{edition}", everything(Shape(order), True, edition)
        for seed in range(6):
            for nommu in (False, True):
                yield f"release-{order}-{'nommu' if nommu else 'mmu'}-{seed}", release(Shape(order), nommu, seed)
                yield f"tight-{order}-{'nommu' if nommu else 'mmu'}-{seed}", tight(Shape(order), nommu, seed)
        small = cut(everything(Shape(order), False))
        for width in (2, 4):
            swapped = b"".join(small[at:at + width][::-1] for at in range(0, len(small), width))
            yield f"everything-{order}-swapped-{width}", swapped
        other = Image(Shape(order), file(b"e", stored(b"new")), file(b"f", deflated(b"added")), link(b"p", b"e"))
        yield f"everything-{order}-and-another", everything(Shape(order), False) + cut(other.bytes())


def fdpic(program, big):
    """ELF of ARM, marked as FDPIC by its OS ABI."""
    return program[:7] + b"\x41" + program[8:18] + (b"\0\x28" if big else b"\x28\0") + program[20:]


def flat_files():
    for name, fields in {"plain": {}, "ram": {"flags": flat.RAM}, "gzip": {"flags": flat.GZIP}, "old": {"version": 2},
                         "backwards": {"data_end": 70}, "huge": {"bss_end": 1 << 28}}.items():
        yield f"flat-{name}", flat.flat_file(400, bytes(600), **fields)
    yield "flat-text-is-all", flat.flat_file(4096, bytes(4096))


def programs():
    yield from flat_files()
    layouts = {
        "text-and-data": elf.text_and_data(500, 100), "separate-code": elf.separate_code(400, 100, 50, 30),
        "text-only": elf.text_only(4096), "text-and-zeroes": elf.text_and_zeroes(700),
        "middle": elf.text_in_the_middle(300, 50, 20), "wide": elf.wide_alignment(300, 40),
    }
    for bits in (32, 64):
        for big in (False, True):
            for kind in (elf.ET_EXEC, elf.ET_DYN, 1):
                form = elf.Form(bits, big, kind)
                for name, (segments, size) in layouts.items():
                    whole = elf.elf_file(form, segments, bytes(size))[:size]
                    # The bytes after the headers do not matter, but they must be there.
                    name_of_form = f"{name}-{bits}-{'big' if big else 'little'}-{kind}"
                    yield name_of_form, whole[:600]
                    if bits == 32:
                        yield f"{name_of_form}-fdpic", fdpic(whole[:600], big)


def splits():
    """Headers of programs with segments of several pages; the target lengthens them."""
    layouts = {"text-and-data": elf.text_and_data(20000, 100), "separate-code": elf.separate_code(4096, 9000, 5000, 30),
               "text-only": elf.text_only(30000), "wide": elf.wide_alignment(17000, 40),
               "loader": ([elf.Segment(elf.R | elf.X, 0, 14000, 0)], 14000)}
    for bits in (32, 64):
        for big in (False, True):
            for kind in (elf.ET_EXEC, elf.ET_DYN):
                for name, (segments, size) in layouts.items():
                    own = elf.Segment(elf.R, 64 if bits == 64 else 52, 64, segments[0].vaddr + 64, kind=6)  # PT_PHDR
                    for extra in ([], [own]):
                        whole = elf.elf_file(elf.Form(bits, big, kind), [*segments, *extra], bytes(size))
                        yield f"{name}-{bits}-{'big' if big else 'little'}-{kind}-{len(extra)}", whole[:500]


def tar_of(entries, **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **options) as archive:
        for name, kind, fields, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.mtime = kind, len(data), 1
            for field, value in fields.items():
                setattr(entry, field, value)
            archive.addfile(entry, io.BytesIO(data))
    return cut(out.getvalue()) + bytes(1024)


def newc(entries):
    out = b""
    for number, (name, mode, links, data) in enumerate([*entries, ("TRAILER!!!", 0, 1, b"")], 1):
        inode = 7 if links > 1 and not mode & 0o040000 else number
        fields = [inode, mode, 3, 4, links, 1, len(data), 8, 1, 5, 300 if mode & 0o020000 else 0, len(name) + 1, 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        for piece in (header, data):
            out += piece + bytes(-len(piece) % 4)
    return out


def zip_of(method, stream):
    class Pipe(io.BytesIO):  # sizes come after the bytes
        def seek(self, *_):
            raise OSError

    out = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("d/f", b"hello " * 50)
        archive.writestr("../up", b"x")
        archive.writestr("e/", b"")
    return out.getvalue()


def archives():
    owned = dict(uid=3, gid=70000, mode=0o4755)
    entries = [("d/", tarfile.DIRTYPE, {}, b""), ("d/f", tarfile.REGTYPE, owned, b"hello " * 90),
               ("./d//g", tarfile.LNKTYPE, {"linkname": "d/f"}, b""), ("l", tarfile.SYMTYPE, {"linkname": "d/f"}, b""),
               ("c", tarfile.CHRTYPE, {"devmajor": 5, "devminor": 300}, b""), ("p", tarfile.FIFOTYPE, {}, b""),
               ("n" * 300, tarfile.REGTYPE, {}, b"x"), ("d", tarfile.REGTYPE, {}, b"a file now")]
    forms = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
    for name, form in forms.items():
        wanted = entries if form != tarfile.USTAR_FORMAT else [e for e in entries if len(e[0]) < 100]
        yield f"{name}.tar", tar_of(wanted, format=form)
    attributes = {"pax_headers": {"SCHILY.xattr.security.selinux": "label", "SCHILY.acl.access": "user::rw-",
                                  "GNU.sparse.major": "1", "GNU.sparse.minor": "0"}}
    pax = tar_of([("f", tarfile.REGTYPE, attributes, b"1\n0\n5\n".ljust(512, b"\0") + b"hello")],
                 format=tarfile.PAX_FORMAT)
    yield "pax-attributes.tar", pax
    for bad in ("../f", "/", ".", "a/../b", "\x01\xff"):
        yield f"name-{bad.encode().hex()}.tar", tar_of([(bad, tarfile.REGTYPE, {}, b"x")])
    yield "cut.tar", pax[:700]
    for name, bits, big, payload in (("elf", 32, False, b"text"), ("elf64", 64, True, b"more text")):
        whole, size = elf.text_and_data(9000, 300)
        data = elf.elf_file(elf.Form(bits, big), whole, payload * size)[:size]
        yield f"{name}.tar", tar_of([("bin/a", tarfile.REGTYPE, {"mode": 0o755}, data),
                                     ("bin/same", tarfile.REGTYPE, {"mode": 0o755}, data),
                                     ("bin/owned", tarfile.REGTYPE, {"mode": 0o755, "uid": 1}, data),
                                     ("holes", tarfile.REGTYPE, {}, bytes(9000) + payload * 900)])
    yield "flat.tar", tar_of([(name, tarfile.REGTYPE, {"mode": 0o755}, flat.flat_file(5000, b"text" * 1500))
                              for name in ("f", "g")])
    small = tar_of(entries[1:4], format=tarfile.USTAR_FORMAT)
    yield "small.tar.gz", gzip.compress(small, mtime=0)
    yield "small.tar.xz", lzma.compress(small)
    cpio = newc([("early", 0o100644, 1, b"first")])
    yield "joined", small + bytes(512) + cpio + bytes(508) + gzip.compress(cpio, mtime=0) + gzip.compress(small, mtime=0) + bytes(99)
    yield "layers", gzip.compress(lzma.compress(gzip.compress(cpio, mtime=0)), mtime=0)
    yield "sums.cpio", cpio.replace(b"070701", b"070702")
    yield "whiteouts.tar", tar_of([(name, tarfile.REGTYPE, {}, b"") for name in ("a/.wh.b", "a/.wh..wh..opq", ".wh.a")])
    yield "frames.zst", b"\x50\x2a\x4d\x18\3\0\0\0abc\x28\xb5\x2f\xfd\x20\5\x29\0\0hello"
    yield "links.cpio", newc([("d", 0o040755, 2, b""), ("a", 0o100644, 2, b""), ("b", 0o100644, 2, b"the bytes"),
                              ("l", 0o120777, 1, b"a"), ("c", 0o020600, 1, b"")])
    yield "no-type.cpio", newc([("x", 0o000644, 1, b"abc"), ("s", 0o140755, 1, b"")])
    for stream in (False, True):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield f"{'stream' if stream else 'file'}-{method}.zip", zip_of(method, stream)
    yield "small.ar", b"!<arch>\n" + b"f/".ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"644".ljust(8) + \
        b"3".ljust(10) + b"`\nabc\n"


def rules():
    """Rules for a file that needs others; the text after the line "%file" is the contents of every file of the tree."""
    for bits in (32, 64):
        for big in (False, True):
            file = dynamic.dynamic_file(["libc.so", "lib/ld.so", "none"], elf.Form(bits, big), rpath="$ORIGIN/../lib:/lib",
                                        runpath="/etc", interpreter="/lib/ld.so", text=50)
            yield f"needs-{bits}-{'big' if big else 'little'}", b"/bin/* readonly needs\n/lib text\n%file\n" + file


def excludes():
    yield "slow-path-of-32000-names", b"*a*a*b\n/a/*b\n" + b"a/" * 32000


def rules():
    """Rules; after a line "%elf" the program and library that they are for, after "%conf" the ld.so.conf."""
    words = b"# seed\n/bin/app readonly needs\n*.so text needs # all\n/share in-place\r\n\\ x stored\n[!a]* compressed\n"
    paths = [{}, {"rpath": "$ORIGIN/../lib:/opt"}, {"runpath": "${ORIGIN}:/gone:$LIB:/link/"}]
    for bits in (32, 64):
        for big in (False, True):
            for number, path in enumerate(paths):
                needed = ["liba.so", "libgone.so", "/lib/liba.so", "twice.so"]
                program = dynamic_file(needed, elf.Form(bits, big), interpreter="/lib/ld.so", text=9, **path)
                conf = b"# seed\n/opt # x\ninclude *.conf /etc/ld.so.conf\nhwcap 1 x\n/lib=libc6\n"
                yield f"elf{bits}-{'big' if big else 'little'}-{number}", words + b"\n%elf\n" + program + b"\n%conf\n" + conf
    yield "words", words
    yield "wrong", b"a\n/ text\na/ text\na text stored x\na needs\n\0\n" + b"a" * 9000
    yield "slow-stars", b"*a*a*a*a*b text\n" * 20


def main(top):
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(HERE / "corpus", top)
    makers = {"image": images, "program": programs, "archive": archives, "exclude": excludes, "rules": rules,
              "split": splits}
    for kind, make in makers.items():
        (top / kind).mkdir(exist_ok=True)
        for name, data in make():
            (top / kind / name).write_bytes(data)


main(pathlib.Path(sys.argv[1]))
