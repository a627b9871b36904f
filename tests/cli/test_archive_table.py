"""Formats x faults: the result for each form of archive, and each compression, with each kind of fault.

TABLE has a row for each form and a column for each fault. Each cell is tried at several places, from a file and from a pipe:

    e  an error that names the archive and the entry       s  the same tree, and no error
    E  an error that names the archive                     b  both archives are read
    1  the first archive alone: what follows is not read   n  another tree: the format has no check that could see it
    =  an error or the same tree, and never another        ?  an error or any tree: it has no check, but some damage shows
    .  the format has no such thing

An error leaves no image. A check that comes (libarchive may learn one) fails a cell of "n", and then that cell is to be "E".
"""
import io
import struct
import subprocess
import tarfile
import tempfile
import zipfile

import pytest

from archives import COMPRESSED, FRAMED, OTHERS, PAYLOAD, Work, as_v7, binary_cpio, lzw, made_by, through, uuencode
from tools import CLEAN, OPERATIONAL, directory, run_well

A, B = "aaaa", "bbbb"  # which are nowhere in the payload


# Forms: how they are made, and where in them things are.

def manifest(*names):
    return b"#mtree\n" + b"".join(b"./%s type=file mode=4755 uid=0 gid=0 contents=payload\n" % name.encode() for name in names)


def image(*names):
    """One of ours, whose files are compressed."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(f"{folder}/a.tar", "w") as archive:
            for name in names:
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(PAYLOAD), 0o4755
                archive.addfile(info, io.BytesIO(PAYLOAD))
        return subprocess.run([directory() / "mkcramfs-xip", "-q", "--allow=empty", f"{folder}/a.tar", "-"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True).stdout


FORMS = {
    "v7": lambda *names, **how: as_v7(FRAMED["ustar"](*names, **how)),
    **FRAMED,
    "bin": binary_cpio,
    **OTHERS,
    "xar": made_by('bsdtar -cf - --format=xar "$@"'),
    "mtree": manifest,
    "image": image,
}


def stored(data):
    """Where the bytes of the second file are; in what is not compressed they are the last of their kind."""
    return data.rfind(PAYLOAD), len(PAYLOAD)


def deflated(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(B)
        return info.header_offset + 30 + len(B), info.compress_size


def packed_7z(data):
    return 32, struct.unpack_from("<Q", data, 12)[0]


def heap_of_xar(data):
    """Of two equal files. libarchive writes nothing after them."""
    start = 28 + struct.unpack_from(">Q", data, 8)[0] + 20
    return start, (len(data.rstrip(b"\0")) - 20 - start) // 2 * 2


def blocks_of_image(data):
    return len(data) // 2, len(data.rstrip(b"\0")) - len(data) // 2


PAYLOADS = {"zip": deflated, "7z": packed_7z, "xar": heap_of_xar, "image": blocks_of_image}


def header(form, data):
    """A place in the header of the second entry: the end of its name, or what the names are packed in."""
    if form == "7z":
        return sum(packed_7z(data)) + 5
    if form == "xar":
        return 28 + (heap_of_xar(data)[0] - 48) // 2
    if form == "iso":
        return data.rfind(b"bbbb.;1" if b"bbbb.;1" in data else B.encode()) + 3
    if form == "zip" or form == "stored zip":
        return data.rfind(B.encode(), 0, data.rfind(b"PK\x01\x02")) + 3
    return data.rfind(B.encode()) + len(B) - 1


def begin(form, data):
    """Where the second entry begins."""
    if form in ("7z", "xar", "iso", "image"):
        return None
    if form in ("zip", "stored zip"):
        return deflated(data)[0] - 30 - len(B)
    name = data.rfind(B.encode())
    lead = {"newc": 110, "crc": 110, "odc": 76, "bin": 26, "mtree": 2}.get(form, 0)
    return name - lead - (1024 if form == "pax" and data[name - 512:name - 506] == b"././@P" else 0)


def flip(data, at, bit=1):
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]


# Faults. Each gives what it makes of an archive, or None where the format has no such thing.

def flipped_payload(form, make):
    data = make(A, B)
    if form == "mtree":
        return None
    start, length = PAYLOADS.get(form, stored)(data)
    return [flip(data, start + at) for at in (0, length // 2, length - 1)]


def flipped_header(form, make):
    data = make(A, B)
    return [flip(data, header(form, data))]


def cut_payload(form, make):
    data = make(A, B)
    if form == "mtree":
        return None
    start, length = PAYLOADS.get(form, stored)(data)
    return [data[:start + at] for at in (0, 1, length // 2, length - 1)]


def cut_header(form, make):
    data = make(A, B)
    return [data[:header(form, data)]]


def cut_between(form, make):
    data = make(A, B)
    at = begin(form, data)
    return None if at is None else [data[:at]]


def no_mark(form, make):
    if form in FRAMED or form in ("v7", "bin"):
        return [make(A, B, end=False)]
    data = make(A, B)
    if form in ("zip", "stored zip"):
        return [data[:data.find(b"PK\x01\x02")], data[:data.rfind(b"PK\x05\x06")], data[:-1]]
    if form == "7z":
        return [data[:sum(packed_7z(data))], data.rstrip(b"\0")[:-1]]
    return None


def another_after(form, make):
    return [make(A) + make(B)]


def zeroes_after(form, make):
    return [make(A, B) + bytes(size) for size in (512, 70000)]


def garbage_after(form, make):
    return [make(A, B) + b"more of it\n" * 9000, make(A, B) + bytes(512) + b"more of it\n" * 9000]


def no_entries(form, make):
    return None if form in ("xar", "iso", "ar", "7z", "image") else [make()]


FAULTS = [flipped_payload, flipped_header, cut_payload, cut_header, cut_between, no_mark, another_after, zeroes_after,
          garbage_after, no_entries]

TABLE = """
              flipped  flipped  cut in   cut in   cut      no mark  another  zeroes   garbage  no
              payload  header   payload  header   between  of end   after    after    after    entries
v7            n        E        E        E        E        E        b        s        E        E
ustar         n        E        E        E        E        E        b        s        E        E
gnu           n        E        E        E        E        E        b        s        E        E
pax           n        E        E        E        E        E        b        s        E        E
newc          n        n        E        E        E        E        b        s        E        E
crc           e        n        E        E        E        E        b        s        E        E
odc           n        n        E        E        E        E        b        s        E        E
bin           n        n        E        E        E        E        b        s        E        E
zip           e        e        E        E        E        E        E        s        E        E
stored zip    e        e        E        E        E        E        E        s        E        E
7z            E        E        E        E        .        E        E        s        E        .
iso           n        n        E        E        .        .        1        s        s        .
ar            n        n        E        E        n        .        E        s        E        .
xar           E        E        E        E        .        .        E        s        E        .
mtree         .        n        .        E        n        .        b        E        E        E
image         E        E        E        E        .        .        1        s        s        .
"""


def cells(table, columns):
    rows = [line.split() for line in table.strip("\n").splitlines()[2:]]
    for row in rows:
        name, letters = " ".join(row[:-len(columns)]), row[-len(columns):]
        yield from ((name, column.__name__, letter) for column, letter in zip(columns, letters))


class Trial(Work):
    """The result for these bytes: an error, or a tree, which is {path: (mode, bytes)}."""

    def outcome(self, data, pipe, *options):
        done = self.pack(data, *options, pipe=pipe)
        said = done.stderr.decode()
        if done.returncode != CLEAN:
            assert done.returncode == OPERATIONAL and not self.image.exists(), said
            assert ("-:" if pipe else f"{self.path / 'archive'}:") in said, said
            return said
        with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", self.image))) as archive:
            return {member.name.removeprefix("./"): (member.mode, archive.extractfile(member).read()) for member in archive if member.isfile()}

    def judge(self, letter, data, whole, pipe, *options):
        """None if the result is the one of the letter."""
        found = self.outcome(data, pipe, *options)
        error = isinstance(found, str)
        both = not error and sorted(found) == [A, B] and all(held == PAYLOAD for _, held in found.values())
        right = {"E": error, "e": error and (f"'{B}'" in found or f"{B}: " in found), "s": found == whole, "1": not error and sorted(found) == [A], "=": error or found == whole,
                 "n": not error and found != whole, "b": both, "?": True}[letter]
        return None if right else found if error else {path: (oct(mode), held[:40]) for path, (mode, held) in found.items()}


@pytest.fixture
def trial(tmp_path):
    (tmp_path / "payload").write_bytes(PAYLOAD)
    return Trial(tmp_path)


def hold(trial, letter, damaged, whole, options):
    for number, data in enumerate(damaged):
        for pipe in (False, True):
            wrong = trial.judge(letter, data, whole, pipe, *options)
            assert wrong is None, (f"sample {number}", "pipe" if pipe else "file", wrong)


def test_each_form_and_each_fault_has_a_cell():
    assert [name for name, *_ in cells(TABLE, FAULTS)][::len(FAULTS)] == list(FORMS)
    assert set(PACKED) - {name for name, *_ in cells(PACKED_TABLE, PACKED_FAULTS)} == set()


@pytest.mark.parametrize("form, fault, letter", cells(TABLE, FAULTS))
def test_each_fault_of_each_form(form, fault, letter, trial):
    make = FORMS[form]
    options = [f"--mtree-root={trial.path}"] if form == "mtree" else []
    damaged = globals()[fault](form, make)
    assert (damaged is None) == (letter == ".")
    if damaged is not None:
        whole = trial.outcome(make(A, B), False, *options)
        assert sorted(whole) == [A, B]
        hold(trial, letter, damaged, whole, options)


# The same for compressions. The archive in them checks what the compression does not check, and the other way
# round.

def zstd(*options):
    return through("zstd", "-q", "-c", *options)


PACKED = {
    **{name: pack for name, pack in COMPRESSED.items() if name != "zstd"},
    **({"zstd": zstd("--check"), "zstd, no sum": zstd("--no-check")} if "zstd" in COMPRESSED else {}),
    "compress": lzw,
    "uuencode": uuencode,
}


def bits_in_the_middle(pack, make):
    data = pack(make(A, B))
    return [flip(data, len(data) * third // 6, 1 << third) for third in (2, 3, 4, 5)]


def bits_at_the_head(pack, make):
    data = pack(make(A, B))
    return [flip(data, at, 4) for at in range(12)]


def bits_at_the_end(pack, make):
    data = pack(make(A, B))
    return [flip(data, len(data) - at, 16) for at in (1, 4)]


def cut_packed(pack, make):
    data = pack(make(A, B))
    return [data[:length] for length in (20, len(data) // 2, len(data) - 9, len(data) - 1)]


def cut_within(pack, make):
    data = make(A, B)
    return [pack(data[:data.rfind(PAYLOAD) + 100]), pack(make(A, B, end=False))]


def another_packed(pack, make):
    return [pack(make(A)) + pack(make(B))]


def zeroes_packed(pack, make):
    return [pack(make(A, B)) + bytes(4096), pack(make(A, B) + bytes(4096))]


def garbage_packed(pack, make):
    return [pack(make(A, B)) + b"more of it\n" * 100, pack(make(A, B) + b"more of it\n" * 100)]


def nothing_packed(pack, make):
    return [pack(b""), pack(make()), pack(bytes(4096))]


PACKED_FAULTS = [bits_in_the_middle, bits_at_the_head, bits_at_the_end, cut_packed, cut_within, another_packed, zeroes_packed,
                 garbage_packed, nothing_packed]
PACKED_TABLE = """
              bits in  bits at  bits at  cut      cut      another  zeroes   garbage  nothing
              middle   head     end               within   after    after    after    in it
gzip          E        =        E        E        E        b        s        E        E
bzip2         E        =        =        E        E        b        s        E        E
xz            E        =        E        E        E        b        s        E        E
lzma          ?        ?        ?        E        E        b        s        E        E
lz4           E        =        E        E        E        b        s        E        E
lzip          E        =        E        E        E        b        s        E        E
lzop          E        =        E        E        E        E        s        E        E
zstd          E        =        E        E        E        b        s        E        E
zstd, no sum  ?        ?        ?        E        E        b        s        E        E
compress      ?        ?        ?        E        E        E        E        E        E
uuencode      ?        ?        ?        =        E        b        s        =        E
"""


@pytest.mark.parametrize("kind, fault, letter", cells(PACKED_TABLE, PACKED_FAULTS))
def test_each_fault_of_each_compression(kind, fault, letter, trial):
    if kind not in PACKED:
        pytest.skip(f"no program for {kind} is installed")
    for form in ("ustar", "newc"):
        whole = {A: (0o4755, PAYLOAD), B: (0o4755, PAYLOAD)}
        hold(trial, letter, globals()[fault](PACKED[kind], FORMS[form]), whole, [])
