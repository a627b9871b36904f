"""Compare a kernel's view with the expected one: the source tree, and the XIP report's predictions.

A Comparison counts everything that it compares, and its verdict requires least numbers: comparing nothing is a failure.
"""
import collections
import dataclasses
import hashlib
import os
import re
import stat

# The kernel's words for a mapping without a direct page.
REFUSALS = {"vma is writable", "beyond file limit", "unsuitable block layout", "data is not page aligned",
            "no suitable block remaining"}
SHARED_TAIL = "last page is shared"
CUT_SHORT = "cut short"  # a prefix is direct; only the report says why no more, in its own words
SILENT = "silent"        # the kernel did not consider the question: see rule 1 of the mapping rules
FAILS = "mapping ends after the file, and fails"  # the report's words: without an MMU, mmap(2) does
IMPOSSIBLE = "segment offset and address differ within the page"  # likewise: no mmap(2) can be asked for that
# The kernel's mm merges the mapping with a neighbour, and never asks cramfs; the agent's own mmap(2) has no neighbour.
MERGED = {"merged with the mapping before it", "merged with the mapping after it"}
PAGE = 4096

MAPPED = re.compile(r"mapped (?P<name>.*)\[\d+\] at 0x[0-9a-f]+ \((?P<direct>\d+)/(?P<pages>\d+) pages\) to vma ")
REFUSED = re.compile(r"(?P<name>.*)\[\d+\]: direct mmap impossible: (?P<reason>.*)")
# Without an MMU the kernel reports only direct mappings, which are direct as a whole.
GOT = re.compile(r"get_unmapped for (?P<name>.*) ofs 0x[0-9a-f]+ siz (?P<size>\d+) at 0x[0-9a-f]+")
TAIL_DROPPED = re.compile(r"mmap: (?P<name>.*): last page is shared")


class Comparison:
    def __init__(self):
        self.counted = collections.Counter()
        self.differences = []

    def check(self, counted, what, expected, observed):
        self.counted[counted] += 1
        if expected != observed:
            self.differences.append(f"{what}: expected {expected!r}, observed {observed!r}")

    def verdict(self, **least):
        """Raise AssertionError on any difference, and when fewer things were compared than named."""
        shown = "\n".join(self.differences[:40])
        assert not self.differences, f"{len(self.differences)} differences:\n{shown}"
        assert least, "a verdict must name least numbers"
        for name, number in least.items():
            counted = self.counted[name]
            assert counted >= number, f"only {counted} {name} were compared, at least {number} wanted"


# -- the tree ----------------------------------------------------------------------------------------------------------

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFCHR: "char",
         stat.S_IFBLK: "block", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket"}


def expected_node(path, all_root):
    """The agent's expected record of a node that was packed from this path."""
    status = os.lstat(path)
    kind = TYPES[stat.S_IFMT(status.st_mode)]
    node = {"type": kind, "mode": stat.S_IMODE(status.st_mode),
            "uid": 0 if all_root else status.st_uid, "gid": 0 if all_root else status.st_gid}
    if kind == "symlink":
        target = os.readlink(path)
        node |= {"size": len(target), "target": target.hex()}
    if kind in ("char", "block"):
        node |= {"major": os.major(status.st_rdev), "minor": os.minor(status.st_rdev)}
    if kind == "file":
        with open(path, "rb") as file:
            digest = hashlib.md5(file.read()).hexdigest()
        node |= {"size": status.st_size, "read": digest, "mmap": digest, "nonzero_tail": 0}
    return node


def expected_tree(root, all_root=False):
    """Path (bytes, b"" is the root) -> node. The kernel lets everybody into a cramfs root, whatever its mode was."""
    root = os.fsencode(root)
    tree = {}

    def add(path):
        node = tree[path] = expected_node(os.path.join(root, path), all_root)
        if node["type"] == "directory":
            for name in os.listdir(os.path.join(root, path)):
                add(os.path.join(path, name))

    add(b"")
    tree[b""]["mode"] |= 0o555
    return tree


def without(node, keys):
    return node and {key: value for key, value in node.items() if key not in keys}


def compare_tree(comparison, expected, observation, mounts=("mtd", "block"), ignored=()):
    for error in observation.errors:
        comparison.differences.append(f"the guest failed: {error}")
    for mount in mounts:
        observed = observation.nodes[mount]
        for path in sorted(expected.keys() | observed.keys()):
            node, seen = (without(of.get(path), ignored) for of in (expected, observed))
            comparison.check("nodes", f"{mount} {path!r}", node, seen)
            if node and node["type"] == "file":
                comparison.counted["files"] += 1
                comparison.counted["bytes"] += node["size"]


# -- the mappings ------------------------------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Decision:
    """The kernel's decision for one mmap(2). `pages` is None if it does not report them."""
    direct_pages: int
    pages: int
    reason: str


def read_decisions(messages):
    """The decisions in the kernel's messages, in order, each with the file's last name: [(name, Decision)]."""
    decisions = []
    tail_dropped = False
    for message in messages:
        if TAIL_DROPPED.fullmatch(message):
            tail_dropped = True
        elif refused := REFUSED.fullmatch(message):
            decisions.append((refused["name"], Decision(0, None, refused["reason"])))
            tail_dropped = False
        elif mapped := MAPPED.match(message):
            direct, pages = int(mapped["direct"]), int(mapped["pages"])
            short = SHARED_TAIL if tail_dropped else CUT_SHORT
            decisions.append((mapped["name"], Decision(direct, pages, None if direct == pages else short)))
            tail_dropped = False
        elif got := GOT.fullmatch(message):
            pages = int(got["size"]) // PAGE
            decisions.append((got["name"], Decision(pages, pages, None)))
    return decisions


def path_of(file):
    """The path of an entry of the report, from the root: bytes. One that is not UTF-8 is there in hexadecimal, too."""
    path = bytes.fromhex(file["path_bytes"]) if "path_bytes" in file else file["path"].encode()
    return path.lstrip(b"/")


def predictions(report):
    """Every mapping in the report: (path, offset, length, flags, prediction)."""
    for file in report["files"]:
        path = path_of(file)
        if file["size"] > 0:
            yield path, 0, file["size"], "r--", file
        for mapping in file["mappings"]:
            if mapping["reason"] not in MERGED | {IMPOSSIBLE}:
                yield path, mapping["offset"], mapping["length"], mapping["flags"], mapping


def requests(report):
    return [f"map {path.hex()} {offset} {length} {flags}" for path, offset, length, flags, _ in predictions(report)]


def same_reason(predicted, decided):
    if decided == CUT_SHORT:
        return predicted is not None and predicted not in REFUSALS | {SHARED_TAIL}
    if decided == SILENT:
        return predicted is not None and predicted != FAILS
    return predicted == decided


def compare_mapping(comparison, what, prediction, record):
    if "mmap_error" in record:
        error = os.strerror(record["mmap_error"])
        comparison.check("failures", f"{what}: mmap fails: {error}", prediction["reason"], FAILS)
        return
    decisions = read_decisions(record["messages"])
    if len(decisions) > 1:
        comparison.differences.append(f"{what}: one mmap, several decisions: {record['messages']}")
    decision = decisions[0][1] if decisions else Decision(0, None, SILENT)

    comparison.check("mappings", f"{what}: pages", prediction["pages"], record["pages"])
    comparison.check("decisions", f"{what}: direct pages", prediction["direct_pages"], decision.direct_pages)
    comparison.check("frames", f"{what}: frames in ROM", decision.direct_pages, record["rom_pages"])
    comparison.check("frames", f"{what}: frames in ROM, from the first", record["rom_pages"], record["direct_pages"])
    reason = prediction["reason"]
    if not same_reason(reason, decision.reason):
        comparison.differences.append(f"{what}: reason: expected {reason!r}, observed {decision.reason!r}")

    comparison.counted["pages"] += record["pages"]
    comparison.counted["direct_pages"] += record["direct_pages"]
    form = "refused" if not decision.direct_pages else "direct" if decision.reason is None else "mixed"
    comparison.counted[f"{form}_mappings"] += 1


def compare_load(comparison, file, messages, first_twice=False):
    """The report's mappings of a file with those that loaders asked for, by the kernel's messages: the first ones.

    first_twice: the kernel made the first mapping, took it back and made it again somewhere else.
    """
    name = os.path.basename(file["path"])
    made = [decision for decided, decision in read_decisions(messages) if decided == name]
    if first_twice:
        comparison.check("repetitions", f"{name}: the second decision", made[0], made[1])
        del made[0]
    asked = [mapping for mapping in file["mappings"] if mapping["reason"] not in MERGED]
    comparison.counted["merged"] += len(file["mappings"]) - len(asked)
    if len(made) < len(asked):
        comparison.differences.append(f"{name}: the report has {file['mappings']}, the kernel told of {made}")
    for mapping, decision in zip(asked, made):
        what = f"{name} segment {mapping['segment']}"
        comparison.check("mappings", f"{what}: direct pages", mapping["direct_pages"], decision.direct_pages)
        comparison.check("reasons", f"{what}: reason {mapping['reason']!r} for {decision.reason!r}",
                         True, same_reason(mapping["reason"], decision.reason))
        if decision.pages is not None:
            comparison.check("lengths", f"{what}: pages", mapping["pages"], decision.pages)
        comparison.counted["direct_pages"] += decision.direct_pages


def hash_range(path, offset, length):
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return hashlib.md5(file.read(length)).hexdigest()
    except OSError as error:
        return str(error)


def compare_report(comparison, report, observation, source):
    """Each prediction of the report with the mapping that the guest made, and its bytes with the source's."""
    asked = list(predictions(report))
    comparison.check("reports", "mappings answered", len(asked), len(observation.mappings))
    for (path, offset, length, flags, prediction), record in zip(asked, observation.mappings):
        what = f"mapping {flags} of {path!r} from {offset}, {length} bytes"
        answered = tuple(record[key] for key in ("path", "offset", "length", "flags"))
        comparison.check("requests", what, (path, offset, length, flags), answered)
        if answered != (path, offset, length, flags):
            return  # one answer is missing; all later ones would be compared with the wrong question
        compare_mapping(comparison, what, prediction, record)
        if "bytes" in record:
            expected = hash_range(os.path.join(os.fsencode(source), path), offset, length)
            comparison.check("mapped contents", f"{what}: bytes", expected, record["bytes"])
