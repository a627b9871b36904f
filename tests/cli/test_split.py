"""--xip-split: files whose read-only segments are cut in several, where a profile has touched pages after untouched
ones."""
import json
import os
import random
import re
import shutil
import subprocess

import pytest

import elf
from tools import USAGE, run, run_well

PAGE = 4096
TEXT = elf.R | elf.X


def soft(rng, size):
    """Bytes that compress to about half, page by page."""
    return b"".join(rng.randbytes(PAGE // 2) + bytes(PAGE // 2) for _ in range(-(-size // PAGE)))[:size]


def program(seed=1, pages=40, slack=True, form=elf.Form(kind=elf.ET_EXEC)):
    """Text over these pages, with zeroes after it or without, and a little data."""
    size = pages * PAGE - 1500
    data_at = pages * PAGE
    segments = [elf.Segment(TEXT, 0, size, 0x10000), elf.Segment(elf.R | elf.W, data_at, 300, 0x10000 + data_at + PAGE, 900)]
    payload = soft(random.Random(seed), size) + (bytes(1500) if slack else b"\1" * 1500) + b"d" * 300
    return elf.elf_file(form, segments, payload)


class Tree:
    def __init__(self, path):
        self.path, self.root, self.image = path, path / "tree", path / "image"
        self.root.mkdir()

    def add(self, name, data):
        (self.root / name).write_bytes(data)

    def touch(self, *rows):
        (self.path / "profile").write_text("path,offset,count\n" + "".join(f"/{name},{page * PAGE},1\n" for name, page in rows))
        return f"--xip-profile={self.path / 'profile'}"

    def touch_in(self, processes, *rows):
        """The same pages, of files that that many processes have mapped."""
        (self.path / "profile").write_text("processes,path,offset,count\n" + "".join(
            f"{processes if number == 1 else ''},/{name},{page * PAGE},1\n" for number, (name, page) in enumerate(rows)))
        return f"--xip-profile={self.path / 'profile'}"

    def build(self, *options):
        """The statistics, and what was printed."""
        stats = self.path / "stats"
        said = run_well("mkcramfs-xip", "-q", f"--stats=json:{stats}", *options, self.root, self.image).decode(errors="surrogateescape")
        run_well("cramfsck", self.image)
        return json.loads(stats.read_text()), said

    def direct(self):
        """{name: {pages that are direct}}."""
        report = json.loads(run_well("cramfsck", "--xip-report=json", self.image))
        return {file["path"][1:]: {m["offset"] // PAGE + i for m in file["mappings"] for i in range(m["direct_pages"])}
                for file in report["files"]}

    def extract(self):
        seen = self.path / "seen"
        run_well("cramfsck", f"--extract={seen}", self.image)
        return seen


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    return Tree(tmp_path)


FAR = [("p", 0), ("p", 19), ("p", 33), ("p", 34)]


def test_touched_pages_are_direct_and_those_before_them_are_not(tree):
    tree.add("p", program())
    stats, said = tree.build(tree.touch(*FAR), "--xip-split")
    assert tree.direct()["p"] == {0, 19, 33, 34}
    assert stats["split"] == {"cuts": 4, "files": 1, "mappings": 2, "changed": [{"path": "/p", "mappings": 2}]}
    assert "cut: 1 files are changed, and have 2 more mappings: /p (2)\n" in said
    without, _ = tree.build(tree.touch(*FAR))
    assert without["choice"]["cost"] > 5 * stats["choice"]["cost"] and "split" not in without


def test_without_the_option_nothing_is_changed(tree):
    tree.add("p", program())
    tree.build(tree.touch(*FAR))
    assert (tree.extract() / "p").read_bytes() == program()


@pytest.mark.parametrize("slack", [True, False])
@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("kind", [elf.ET_EXEC, elf.ET_DYN])
def test_extraction_gives_the_changed_file_with_all_bytes_at_their_addresses(tree, slack, bits, big, kind):
    before = program(2, slack=slack, form=elf.Form(bits, big, kind))
    tree.add("p", before)
    tree.build(tree.touch(*FAR), "--xip-split", "--endian=big" if big else "--endian=little")
    seen = tree.extract() / "p"
    after = seen.read_bytes()
    assert after != before and (len(after) > len(before)) == (not slack)
    assert after[64:len(before)].startswith(before[64:40 * PAGE - 1500])
    assert after[40 * PAGE:40 * PAGE + 300] == before[40 * PAGE:40 * PAGE + 300]
    listed = subprocess.run(["readelf", "-lW", seen], check=True, capture_output=True, text=True,
                            env=os.environ | {"LC_ALL": "C"})
    assert not listed.stderr
    assert len(re.findall(r"^  LOAD ", listed.stdout, re.M)) == (4 if slack else 5)
    offsets = [int(offset, 16) for offset in re.findall(r"^  LOAD +0x([0-9a-f]+)", listed.stdout, re.M)]
    assert offsets[:3] == [0, 19 * PAGE, 33 * PAGE]


@pytest.mark.parametrize("most, pieces", [("1", 2), ("2", 3), ("max", 6)])
def test_no_segment_has_more_cuts_than_asked_for(tree, most, pieces):
    tree.add("p", program())
    stats, _ = tree.build(tree.touch(*[("p", page) for page in (0, 7, 15, 22, 29, 36)]), f"--xip-split={most}")
    assert stats["split"] == {"cuts": None if most == "max" else int(most), "files": 1, "mappings": pieces - 1,
                              "changed": [{"path": "/p", "mappings": pieces - 1}]}
    assert {0, 7, 15, 22, 29, 36} <= tree.direct()["p"]


def test_a_cut_that_does_not_pay_is_not_made(tree):
    tree.add("p", program())
    _, said = tree.build(tree.touch(("p", 0), ("p", 2)), "--xip-split=max", "--explain")
    assert "not cut: no cut saves more than it costs" in said and "cut: 0 files" in said


def test_a_cut_costs_a_mapping_in_each_process_that_the_profile_says(tree):
    """The second cut saves 13 pages of about 2000 bytes in flash, the first 18."""
    tree.add("p", program())
    mappings = []
    for processes in (0, 1, 8, 100, 150, 250, 4194304):
        stats, _ = tree.build(tree.touch_in(processes, *FAR), "--xip-split")
        mappings.append(stats["split"]["mappings"])
    assert mappings[:3] == [2, 2, 2] and mappings[-1] == 0 and 1 in mappings
    assert mappings == sorted(mappings, reverse=True)
    not_said, _ = tree.build(tree.touch(*FAR), "--xip-split")
    assert not_said["split"]["mappings"] == 2


def test_a_profile_that_does_not_say_means_eight_processes(tree):
    tree.add("p", program())
    for pages in range(1, 12):
        rows = [("p", 0), ("p", 6), ("p", 6 + pages), ("p", 30)]
        eight, _ = tree.build(tree.touch_in(8, *rows), "--xip-split=max")
        default, _ = tree.build(tree.touch(*rows), "--xip-split=max")
        assert eight["split"] == default["split"] and eight["choice"] == default["choice"]


def test_names_of_one_content_count_as_the_one_in_most_processes(tree):
    for name in ("p", "q"):
        tree.add(name, program())
    rows = "".join(f"/{name},{page * PAGE},1,{processes}\n" for name, processes in (("p", 250), ("q", 1)) for _, page in FAR)
    (tree.path / "profile").write_text("path,offset,count,processes\n" + rows)
    stats, _ = tree.build(f"--xip-profile={tree.path / 'profile'}", "--xip-split")
    assert stats["split"]["mappings"] == 0


def test_budgets_have_no_fewer_touched_pages_direct_than_without(tree):
    rng = random.Random(5)
    touched = []
    for name in "abcdef":
        tree.add(name, program(name, pages=rng.randint(10, 60), slack=rng.random() < 0.5))
        touched += [(name, page) for page in range(10) if rng.random() < 0.3]
        touched += [(name, rng.randrange(10, 60)) for _ in range(6)]
    touched = [(name, page) for name, page in touched if page * PAGE < (tree.root / name).stat().st_size]
    profile = tree.touch(*touched)

    def found():
        direct = tree.direct()
        return sum(page in direct[name] for name, page in set(touched))

    more = 0
    for budget in range(0, 400000, 40000):
        tree.build(profile, f"--xip-budget={budget}")
        least = found()
        stats, _ = tree.build(profile, f"--xip-budget={budget}", "--xip-split")
        assert stats["choice"]["cost"] <= budget
        assert found() >= least, budget
        more += found() > least
    assert more >= 4


def test_cost_is_over_an_image_without_cuts_and_shares_add_up(tree):
    """The bytes that cut files have more than their sources are paid for, too."""
    rng = random.Random(7)
    for name in "abc":
        tree.add(name, program(name, pages=30, slack=False))
    profile = tree.touch(*[(name, rng.randrange(30)) for name in "abc" for _ in range(5)])
    bare = tree.build(profile, "--xip-split", "--xip-budget=0")[0]["bytes"]["image"]
    for budget in ("16K", "32K", "64K", "1G"):
        stats, said = tree.build(profile, "--xip-split", f"--xip-budget={budget}", "--explain")
        cost = stats["choice"]["cost"]
        assert cost == stats["bytes"]["image"] - bare
        assert sum(map(int, re.findall(r"; costs (\d+) bytes of flash", said))) == cost
    assert stats["split"]["files"]


def test_a_bound_of_the_size_finds_the_cuts_for_what_it_leaves(tree):
    """--fit is the budget that the size leaves: the same cuts, the same pages."""
    rng = random.Random(6)
    for name in "abc":
        tree.add(name, program(name, pages=rng.randint(20, 40)))
    profile = tree.touch(*[(name, rng.randrange(20)) for name in "abc" for _ in range(6)])
    bare = tree.build(profile, "--xip-split", "--xip-budget=0")[0]["bytes"]["image"]
    cut = 0
    for budget in range(0, 80000, 8000):
        by_budget, _ = tree.build(profile, "--xip-split", f"--xip-budget={budget}")
        expected = tree.image.read_bytes()
        by_size, _ = tree.build(profile, "--xip-split", f"--fit={bare + budget}")
        assert tree.image.read_bytes() == expected and len(expected) <= bare + budget
        assert by_size["split"] == by_budget["split"]
        cut += by_size["split"]["files"] > 0
    assert cut >= 4


def test_same_bytes_whatever_the_number_of_jobs(tree):
    for number in range(5):
        tree.add(f"p{number}", program(number, slack=number % 2))
    profile = tree.touch(*[(f"p{number}", page) for number in range(5) for page in (0, 11, 30)])
    images = set()
    for jobs in ("1", "2", "5"):
        tree.build(profile, "--xip-split", f"-j{jobs}")
        images.add(tree.image.read_bytes())
    assert len(images) == 1


def test_names_with_equal_bytes_are_cut_alike(tree):
    for name in ("p", "q"):
        tree.add(name, program())
    stats, _ = tree.build(tree.touch(*FAR), "--xip-split")
    seen = tree.extract()
    assert (seen / "p").read_bytes() == (seen / "q").read_bytes() != program()
    assert stats["split"]["files"] == 2
    assert [file["path"] for file in stats["split"]["changed"]] == ["/p", "/q"]


def test_a_link_whose_target_has_the_bytes_of_a_file_is_no_name_of_it(tree, monkeypatch):
    """The link has no decision of its own; memory that was not set is not zero here."""
    monkeypatch.setenv("MALLOC_PERTURB_", "165")
    (tree.root / "a-link").symlink_to("target")
    tree.add("text", b"target")
    tree.add("program", program())
    stats, _ = tree.build("--xip-split", "--xip-budget=64K", tree.touch(("program", 20)))
    assert [changed["path"] for changed in stats["split"]["changed"]] == ["/program"]


def test_all_that_says_which_files_are_changed_says_the_same(tree):
    """Statistics, --explain, the summary, and the files themselves; a rule, an odd name, and one that no profile has."""
    odd = os.fsdecode(b"\xff odd")
    names = ["a", "b", "kept", "not touched", odd, "z"]
    for number, name in enumerate(names):
        tree.add(name, program(number, slack=number % 2))
    os.link(tree.root / "a", tree.root / "link of a")
    (tree.path / "rules").write_text("/kept readonly nosplit\n")
    rows = [f'"/{name}",{page * PAGE},1' for name in names if name != "not touched" for _, page in FAR]
    (tree.path / "profile").write_bytes(os.fsencode("path,offset,count\n" + "\n".join(rows) + "\n"))
    stats, said = tree.build(f"--xip-profile={tree.path / 'profile'}", "--xip-split", "--explain",
                             f"--xip-rules={tree.path / 'rules'}")
    listed = {os.fsdecode(bytes.fromhex(file["path_bytes"])) if "path_bytes" in file else file["path"]: file["mappings"]
              for file in stats["split"]["changed"]}
    explained = dict(re.findall(r"^/(.*?): .*; changed: cut, (\d+) more mappings", said, re.M))
    seen = tree.extract()
    changed = {name for name in os.listdir(tree.root) if (seen / name).read_bytes() != (tree.root / name).read_bytes()}
    assert changed == {"a", "link of a", "b", odd, "z"} == {path[1:] for path in listed}
    assert sorted(map(int, explained.values())) == sorted(listed.values())
    assert stats["split"]["files"] == len(listed) and stats["split"]["mappings"] == sum(listed.values())
    named = ", ".join(f"{path} ({listed[path]})" for path in sorted(listed, key=lambda path: (-listed[path], os.fsencode(path))))
    assert f"cut: {len(listed)} files are changed, and have {sum(listed.values())} more mappings: {named}\n" in said


def test_the_summary_names_the_five_files_with_most_mappings(tree):
    for number in range(8):
        tree.add(f"p{number}", program(number))
    rows = [(f"p{number}", page) for number in range(8) for _, page in (FAR if number in (2, 5) else FAR[:2])]
    _, said = tree.build(tree.touch(*rows), "--xip-split")
    assert "cut: 8 files are changed, and have 10 more mappings: /p2 (2), /p5 (2), /p0 (1), /p1 (1), /p3 (1) and 3 others\n" in said


def test_a_rule_keeps_a_file_as_it_is(tree):
    for name, seed in (("p", 1), ("q", 2)):
        tree.add(name, program(seed))
    (tree.path / "rules").write_text("/p readonly nosplit\n")
    rows = [*FAR, *(("q", page) for _, page in FAR)]
    _, said = tree.build(tree.touch(*rows), "--xip-split", "--explain", f"--xip-rules={tree.path / 'rules'}")
    assert re.search(r"^/p: .*; not cut: a rule says nosplit;", said, re.M)
    assert re.search(r"^/q: .*; changed: cut, 2 more mappings;", said, re.M)
    assert (tree.extract() / "p").read_bytes() == program(1)


def test_a_file_that_the_profile_has_nothing_of_stays(tree):
    for name, seed in (("p", 1), ("q", 2)):
        tree.add(name, program(seed))
    _, said = tree.build(tree.touch(*FAR), "--xip-split", "--explain")
    assert re.search(r"^/q: .*; not cut: the profile has no page of it;", said, re.M)
    assert (tree.extract() / "q").read_bytes() == program(2)


@pytest.mark.parametrize("options, reason", [
    (["--xip=all"], "it goes in place as a whole"),
])
def test_what_is_mapped_as_a_whole_is_not_cut(tree, options, reason):
    tree.add("p", program())
    _, said = tree.build(tree.touch(*FAR), "--xip-split", "--explain", *options)
    assert f"not cut: {reason};" in said


def test_cut_files_stay_in_place_in_an_update(tree):
    for number in range(4):
        tree.add(f"p{number}", program(number))
    profile = tree.touch(*[(f"p{number}", page) for number in range(4) for page in (0, 11, 30)])
    tree.build(profile, "--xip-split")
    old = tree.path / "old"
    old.write_bytes(tree.image.read_bytes())
    (tree.root / "new").write_text("a file more\n")
    stats, _ = tree.build(profile, "--xip-split", f"--like={old}", "--erase-block=4096")
    assert stats["like"]["kept"] and stats["like"]["differing"] <= 4, stats["like"]
    assert all(tree.direct()[f"p{number}"] >= {0, 11, 30} for number in range(4))


def test_it_needs_a_profile(tree):
    tree.add("p", program())
    done = run("mkcramfs-xip", "--xip-split", tree.root, tree.image)
    assert done.returncode == USAGE and b"--xip-profile" in done.stderr
    for wrong in ("0", "many", ""):
        assert run("mkcramfs-xip", tree.touch(*FAR), f"--xip-split={wrong}", tree.root, tree.image).returncode == USAGE


SOURCE = b"""
#include <stdio.h>
#define P4 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\\n"
static const char text[60 * 4096] = P4;
int main(int n, char **v) { (void)v; printf("%s%d\\n", text[n * 4000] ? "x" : "y", text[0]); return 0; }
"""


def test_host_programs_run_cut_and_tools_take_them(tree):
    """With this machine's own compiler and loader: both forms of the table."""
    for name, options in (("slack", ["-Wl,-z,noseparate-code"]), ("plain", []), ("fixed", ["-no-pie"]),
                          ("static", ["-static"]), ("static-pie", ["-static-pie"])):
        subprocess.run(["cc", "-x", "c", "-", "-O1", "-g", "-o", tree.root / name, *options], input=SOURCE, check=True)
    pages = {name: (tree.root / name).stat().st_size // PAGE for name in os.listdir(tree.root)}
    tree.build(tree.touch(*[(name, page) for name in pages for page in (0, 8, 25, 50) if page < pages[name]]),
               "--xip-split=max", "--stale-profile=warn", f"--block-size={os.sysconf('SC_PAGE_SIZE')}")
    seen = tree.extract()
    changed = 0
    for name in pages:
        changed += (seen / name).read_bytes() != (tree.root / name).read_bytes()
        said = subprocess.run([seen / name], check=True, capture_output=True).stdout
        assert said == subprocess.run([tree.root / name], check=True, capture_output=True).stdout
        if not name.startswith("static"):
            assert b"libc" in subprocess.run(["ldd", seen / name], check=True, capture_output=True).stdout
        sections = subprocess.run(["readelf", "-SW", seen / name], check=True, capture_output=True)
        assert b".text" in sections.stdout and not sections.stderr
    assert changed == len(pages)


def cut_all(tree, *hot):
    """Cut the files of the tree for this machine's page size; returns the changed files."""
    pages = {name: (tree.root / name).stat().st_size // PAGE for name in sorted(os.listdir(tree.root))}
    tree.build(tree.touch(*[(name, page) for name in pages for page in hot if page < pages[name]]),
               "--xip-split=max", "--stale-profile=warn", f"--block-size={os.sysconf('SC_PAGE_SIZE')}")
    seen = tree.extract()
    changed = {name for name in pages if (seen / name).read_bytes() != (tree.root / name).read_bytes()}
    return seen, changed


@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")
@pytest.mark.parametrize("options", [["-Wl,-z,noseparate-code"], [], ["-static"]], ids=["slack", "plain", "static"])
def test_gdb_takes_a_file_that_is_cut(tree, options):
    subprocess.run(["cc", "-x", "c", "-", "-O0", "-g", "-o", tree.root / "p", *options], input=SOURCE, check=True)
    seen, changed = cut_all(tree, 0, 8, 25, 50)
    assert changed == {"p"}
    command = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "info line main", "-ex", "print sizeof(text)",
               "-ex", "x/4cb text", "-ex", "break main", "-ex", "run", "-ex", "print n", seen / "p"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C"})
    assert re.search(r'Line \d+ of "<stdin>" starts at address 0x[0-9a-f]+ <main', done.stdout), done.stdout + done.stderr
    assert "$1 = 245760" in done.stdout and "48 '0'\t49 '1'\t50 '2'\t51 '3'" in done.stdout
    if "ptrace" not in done.stderr:  # some containers forbid it
        assert "Breakpoint 1, main" in done.stdout and "$2 = 1" in done.stdout, done.stdout + done.stderr


LIBRARY = b"""
static const char text[40 * 4096] = "constants";
const char *of_the_library(int n) { return text + n * 4096 * 30 % 8; }
"""
USER = b"""
#include <stdio.h>
const char *of_the_library(int n);
int main(int n, char **v) { (void)v; return puts(of_the_library(n)) < 0; }
"""


@pytest.mark.skipif(not shutil.which("musl-gcc"), reason="musl-gcc is not installed")
def test_programs_libraries_and_the_loader_of_musl_run_cut(tree):
    def compile_with_musl(name, source, *options):
        subprocess.run(["musl-gcc", "-x", "c", "-", "-O1", "-o", tree.root / name, *options], input=source, check=True)
    compile_with_musl("library.so", LIBRARY, "-shared", "-fPIC", "-Wl,-soname,library.so")
    compile_with_musl("user", USER, "-x", "none", tree.root / "library.so")
    compile_with_musl("static", SOURCE, "-static")
    compile_with_musl("plain", SOURCE, "-Wl,-z,noseparate-code")
    loader = re.search(r"interpreter: (/\S+?)\]", subprocess.run(["readelf", "-lW", tree.root / "user"], check=True, text=True,
                                                                 capture_output=True, env=os.environ | {"LC_ALL": "C"}).stdout)[1]
    shutil.copyfile(loader, tree.root / "loader")
    (tree.root / "loader").chmod(0o755)
    seen, changed = cut_all(tree, 0, 8, 22, 33, 50, 70, 95)
    assert changed >= {"library.so", "static", "plain"}
    for name in ("plain", "user"):
        want = subprocess.run([loader, "--library-path", tree.root, tree.root / name], check=True, capture_output=True).stdout
        for loads in (loader, seen / "loader"):
            said = subprocess.run([loads, "--library-path", seen, seen / name], check=True, capture_output=True).stdout
            assert said == want
    assert subprocess.run([seen / "static"], check=True, capture_output=True).stdout == \
           subprocess.run([tree.root / "static"], check=True, capture_output=True).stdout


@pytest.mark.parametrize("interpreter, kept", [(b"/lib/ld-uClibc.so.0", True), (b"/lib/ld64-uClibc.so.1", True),
                                               (b"/lib/ld-linux.so.3", False), (b"/lib/ld-musl-arm.so.1", False)])
def test_programs_of_uclibc_stay_as_they_are(tree, interpreter, kept):
    size = 40 * PAGE - 1500
    payload = bytearray(soft(random.Random(3), size) + bytes(1500))
    payload[2048:2048 + len(interpreter) + 1] = interpreter + b"\0"
    segments = [elf.Segment(elf.R, 2048, len(interpreter) + 1, 0x10000 + 2048, kind=3), elf.Segment(TEXT, 0, size, 0x10000)]
    before = elf.elf_file(elf.Form(kind=elf.ET_EXEC), segments, bytes(payload))
    tree.add("p", before)
    _, said = tree.build(tree.touch(*FAR), "--xip-split", "--explain")
    assert ((tree.extract() / "p").read_bytes() == before) == kept
    assert ("not cut: the loader of uClibc needs the program headers in the first page;" in said) == kept
