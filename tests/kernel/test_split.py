"""Files with cut segments (--xip-split): they run, and each piece is direct as the report says, page by page.

What is hot is drawn from seeds, which asks more of the cuts than a boot does: pages far apart, in every file.
"""
import json
import os
import random
import shutil
import subprocess
import zlib

import pytest

import case
import debian_root
import elf
import oracle
import programs
from conftest import SCRIPTS
from programs import STATIC, STATIC_PIE
from trees import Tree, compressible

PAGE = 4096
# Not openssl and python: the kernel of these tests has no futex, which both ask for.
PACKAGES = """busybox libc6 libc-bin libgcc-s1 libcrypt1 bash libtinfo6 perl-base sqlite3 libsqlite3-0 libreadline8
zlib1g""".split()
WORK = "usr/bin/work"
SCRIPT = """#!/bin/bash
set -e
perl -e 'use strict; use List::Util qw(sum); my %h = map { $_ => $_ ** 2 } 1 .. 2000; printf "%d\\n", sum(values %h)'
perl -e 'my $t = join ",", map { sprintf "%x", $_ * 7919 % 65521 } 1 .. 5000; my $n = () = $t =~ /[a-f]+(?=\\d)/g; print "$n\\n"'
sqlite3 :memory: 'create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
insert into t select i, i % 7 from n; select b, sum(a), group_concat(a) like "%2995%" from t group by b order by b;'
declare -A seen; for ((i = 0; i < 500; i++)); do seen[$((i * i % 97))]=$i; done; echo "${#seen[@]} ${seen[4]}"
"""
RUN = ("usr/bin/perl", "usr/bin/sqlite3", "bin/bash", "usr/lib/arm-linux-gnueabihf/libsqlite3.so.0")


def profile_of(root, path, rng, chosen, share=0.2):
    """Touched pages of the chosen files: runs of one to four pages, that share of all; the first ones mostly."""
    rows = ["path,offset,count"]
    for file in sorted(chosen):
        data = (root / file).read_bytes()
        pages = -(-len(data) // PAGE)
        hot = {0} if rng.random() < 0.8 else set()
        while len(hot) < share * pages:
            at = rng.randrange(pages)
            hot.update(range(at, min(at + rng.randint(1, 4), pages)))
        rows += [f'"/{file}",{page * PAGE},{rng.randint(1, 3)}' for page in sorted(hot)]
    path.write_text("\n".join(rows) + "\n")
    return f"--xip-profile={path}"


def pack_and_extract(tools, source, image, machine, *options):
    """The image, and the tree that the target sees: files that were cut are others than the source's."""
    stats = image.with_suffix(".json")
    owners = [] if os.geteuid() == 0 else ["-q"]
    case.pack(tools, source, image, *options, *owners, f"--stats=json:{stats}", *machine.order_options)
    seen = image.with_suffix(".seen")
    shutil.rmtree(seen, ignore_errors=True)
    tools.run_well("cramfsck", f"--extract={seen}", image)
    return seen, json.loads(stats.read_text())["split"]


def elf_files(root):
    found = set()
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path) and os.path.isfile(path) and open(path, "rb").read(4) == b"\x7fELF":
                found.add(os.path.relpath(path, root))
    return found


@pytest.fixture(scope="module")
def debian(arm, tmp_path_factory):
    """Debian's programs as a root that boots, with real work to do."""
    work = tmp_path_factory.mktemp("debian-split")
    fetched = subprocess.run([SCRIPTS / "fetch-debian.sh", "--arch", "armhf", work / "packages", *PACKAGES],
                             stderr=subprocess.PIPE)
    if fetched.returncode:
        pytest.fail(fetched.stderr.decode())
    shutil.rmtree(work / "packages" / "usr/share")
    debian_root.make_root(work / "root", work / "packages", arm)
    (work / "root" / WORK).write_text(SCRIPT)
    (work / "root" / WORK).chmod(0o755)
    return work


@pytest.fixture(scope="module", params=["4", "max"])
def booted(arm, tools, debian, request):
    image = debian / f"image-{request.param}"
    rng = random.Random(20 + len(request.param))
    chosen = elf_files(debian / "root") - {"sbin/agent"}
    profile = profile_of(debian / "root", debian / "profile.csv", rng, chosen)
    seen, split = pack_and_extract(tools, debian / "root", image, arm.machine, profile, f"--xip-split={request.param}")
    observed = case.look_at(arm, tools, seen, image, os.geteuid() != 0, init="/sbin/init",
                            extra_requests=["process 1", f"run {WORK.encode().hex()}"])
    return observed, split, request.param


def test_the_tree_and_every_mapping_are_as_predicted(booted):
    observed, split, cuts = booted
    assert split["files"] >= 30 and split["mappings"] >= (100 if cuts == "4" else 250), split
    observed.compare().verdict(nodes=500, files=400, mappings=600, pages=5000, direct_pages=1000)


def test_real_work_is_done_by_programs_that_are_cut(booted):
    observed, _, _ = booted
    run = next(run for run in observed.observation.runs if run["path"] == WORK.encode())
    lines = run["output"].decode().splitlines()
    assert run["status"] == 0, run
    assert lines[0] == str(sum(n * n for n in range(1, 2001)))
    assert lines[2:9] == [f"{b}|{sum(i for i in range(1, 3001) if i % 7 == b)}|{int(b == 2995 % 7)}" for b in range(7)]
    assert lines[9].split()[0] == str(len({i * i % 97 for i in range(500)}))


@pytest.mark.parametrize("path", RUN)
def test_loaders_ask_for_each_piece_and_get_what_was_predicted(booted, path):
    observed, _, cuts = booted
    run = next(run for run in observed.observation.runs if run["path"] == WORK.encode())
    file = observed.reported(path)
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, file, run["messages"])
    comparison.verdict(mappings=3, direct_pages=5)
    assert len(file["mappings"]) >= (4 if cuts == "4" else 5)


LIBRARIES = ("lib/arm-linux-gnueabihf/libc.so.6", "lib/ld-linux-armhf.so.3")


@pytest.mark.parametrize("path", LIBRARIES)
def test_the_c_library_and_the_dynamic_loader_are_loaded_as_predicted(booted, path):
    observed, _, _ = booted
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, observed.reported(path), observed.observation.boot_messages)
    comparison.verdict(mappings=2, direct_pages=3)


KINDS = {
    b"static": STATIC, b"pie": STATIC_PIE,
    b"static-separate": (*STATIC, "-Wl,-z,separate-code"), b"pie-separate": (*STATIC_PIE, "-Wl,-z,separate-code"),
    b"pie-wide": (*STATIC_PIE, "-Wl,-z,max-page-size=65536"),
}


@pytest.mark.parametrize("touched", [(0, 2, 4), (0, 3), (2, 4)])
def test_freestanding_programs_run_cut_in_both_byte_orders(either_arm, tools, tmp_path, touched):
    tree = Tree(tmp_path / "source")
    rows = ["path,offset,count"]
    for kind, options in KINDS.items():
        program = programs.build(either_arm.machine.toolchain, programs.LONG_WHERE, *options).read_bytes()
        tree.file(kind, program, 0o755)
        rows += [f"/{kind.decode()},{page * PAGE},1" for page in touched]
    (tmp_path / "profile").write_text("\n".join(rows) + "\n")
    seen, split = pack_and_extract(tools, tmp_path / "source", tmp_path / "image", either_arm.machine,
                                   f"--xip-profile={tmp_path / 'profile'}", "--xip-split")
    requests = [f"run {kind.hex()}" for kind in KINDS]
    observed = case.look_at(either_arm, tools, seen, tmp_path / "image", os.geteuid() != 0, extra_requests=requests)
    comparison = observed.compare()
    for run in observed.observation.runs:
        assert (run["status"], run["output"][:8]) == (0, b"text at "), run
        file = observed.reported(run["path"].decode())
        oracle.compare_load(comparison, file, run["messages"], run["path"] == b"pie-wide")
    comparison.verdict(nodes=2 * (1 + len(KINDS)), mappings=20, direct_pages=15)
    assert split["files"] <= len(KINDS)


def random_program(rng, big):
    """An ELF file of a random layout; slack after its segments in some, other bytes in others."""
    sizes = [rng.randint(1, 12) * PAGE + rng.randint(1, PAGE - 1) for _ in range(3)]
    segments, size = rng.choice([
        lambda: elf.text_and_data(sizes[0], 300), lambda: elf.separate_code(*sizes, 300),
        lambda: elf.text_only(sizes[0] + sizes[1]), lambda: elf.wide_alignment(sizes[0] + sizes[1], 500)])()
    data = bytearray(compressible(rng, size))
    for segment in segments:
        end = segment.offset + segment.filesz
        if rng.random() < 0.5:
            slack = range(end, min(-(-end // PAGE) * PAGE, size))
            if not any(s.offset < slack.stop and slack.start < s.offset + s.filesz for s in segments):
                data[slack.start:slack.stop] = bytes(len(slack))
    kind = rng.choice([elf.ET_EXEC, elf.ET_DYN])
    return elf.elf_file(elf.Form(rng.choice([32, 64]), big, kind), segments, bytes(data))


def test_thirty_random_programs_with_random_profiles_and_cuts(either_arm, tools, tmp_path):
    comparison = oracle.Comparison()
    changed = 0
    for cuts in ("1", "4", "max"):
        rng = random.Random(f"{either_arm.machine.kernel} {cuts}")
        work = tmp_path / cuts
        work.mkdir()
        tree = Tree(work / "source")
        names = [f"program{number}" for number in range(30)]
        for name in names:
            tree.file(name.encode(), random_program(rng, either_arm.machine.big), 0o755)
        options = [profile_of(work / "source", work / "profile", rng, names, 0.3), f"--xip-split={cuts}"]
        if cuts == "4":
            options.append("--xip-budget=200K")
        seen, split = pack_and_extract(tools, work / "source", work / "image", either_arm.machine, *options)
        changed += split["files"]
        observed = case.look_at(either_arm, tools, seen, work / "image", os.geteuid() != 0)
        found = observed.compare()
        comparison.differences += [f"{cuts}: {difference}" for difference in found.differences]
        comparison.counted.update(found.counted)
    comparison.verdict(files=180, mappings=300, direct_pages=300, mixed_mappings=50)
    assert changed >= 20, changed
