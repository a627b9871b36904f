"""The samples that the program keeps of its images."""
import collections
import dataclasses
import pathlib

Shown = collections.namedtuple("Shown", "mode uid gid device size crc")


@dataclasses.dataclass
class Sample:
    image: pathlib.Path
    page: int
    shown: dict  # path (bytes) -> Shown; of a clean one
    why: str     # the fault of one that is not sound


def read_tree(lines):
    shown = {}
    for line in lines:
        path, mode, uid, gid, device, size, crc = line.split()
        shown[bytes.fromhex(path)] = Shown(int(mode, 8), int(uid), int(gid), int(device), int(size), int(crc, 16))
    return shown


def samples(folder, kind):
    """The samples of a kind, "clean" or "unsound", in the order of their names."""
    found = []
    for image in sorted(pathlib.Path(folder).glob(f"{kind}-*.img")):
        page, *lines = image.with_suffix(".tree" if kind == "clean" else ".why").read_text().splitlines()
        found.append(Sample(image, int(page), read_tree(lines) if kind == "clean" else {}, lines[0]))
    return found
