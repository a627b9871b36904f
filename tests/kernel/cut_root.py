"""A Debian root whose programs are cut (--xip-split) and do real work, and the results of a boot."""
import hashlib
import json
import os
import shutil

import case
import debian_root
import oracle
import trees

PACKAGES = """busybox libc6 libc-bin libgcc-s1 libcrypt1 bash libtinfo6 perl-base sqlite3 libsqlite3-0 libreadline8
zlib1g openssl libssl3""".split()
WORK = "usr/bin/work"
SCRIPT = """#!/bin/bash
set -e
exec 2>&1
export HOME=/
perl -e 'use strict; use List::Util qw(sum); my %h = map { $_ => $_ ** 2 } 1 .. 2000; printf "%d\\n", sum(values %h)'
perl -e 'my $t = join ",", map { sprintf "%x", $_ * 7919 % 65521 } 1 .. 5000; my $n = () = $t =~ /[a-f]+(?=\\d)/g; print "$n\\n"'
sqlite3 :memory: 'create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
insert into t select i, i % 7 from n; select b, sum(a), group_concat(a) like "%2995%" from t group by b order by b;'
declare -A seen; for ((i = 0; i < 500; i++)); do seen[$((i * i % 97))]=$i; done; echo "${#seen[@]} ${seen[4]}"
text() { perl -e 'print "$_\\n" for 1 .. 20000'; }
key="-K 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -iv 0f0e0d0c0b0a09080706050403020100"
text | openssl dgst -sha256 -r
text | openssl enc -aes-256-cbc $key | openssl enc -d -aes-256-cbc $key | openssl dgst -sha512 -r
openssl prime 1000003
"""
RUN = ("usr/bin/perl", "usr/bin/sqlite3", "usr/bin/openssl", "bin/bash")


def profile_of(root, path, rng, chosen, share=0.2):
    """Touched pages of the chosen files: runs of one to four pages, that share of all; the first ones mostly."""
    page_size = trees.PAGE
    rows = ["path,offset,count"]
    for file in sorted(chosen):
        data = (root / file).read_bytes()
        pages = -(-len(data) // page_size)
        hot = {0} if rng.random() < 0.8 else set()
        while len(hot) < share * pages:
            at = rng.randrange(pages)
            hot.update(range(at, min(at + rng.randint(1, 4), pages)))
        rows += [f'"/{file}",{page * page_size},{rng.randint(1, 3)}' for page in sorted(hot)]
    path.write_text("\n".join(rows) + "\n")
    return f"--xip-profile={path}"


def pack_and_extract(tools, source, image, machine, *options):
    """The image, and the tree that the target sees: cut files differ from the source's."""
    stats = image.with_suffix(".json")
    owners = [] if os.geteuid() == 0 else ["-q"]
    case.pack(tools, source, image, *options, *owners, f"--stats=json:{stats}", *machine.order_options)
    seen = image.with_suffix(".seen")
    shutil.rmtree(seen, ignore_errors=True)
    tools.run_well("cramfsck", f"-b{trees.PAGE}", f"--extract={seen}", image)
    return seen, json.loads(stats.read_text())["split"]


def elf_files(root):
    found = set()
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path) and os.path.isfile(path) and open(path, "rb").read(4) == b"\x7fELF":
                found.add(os.path.relpath(path, root))
    return found


def make(root, packages, guest):
    """The files of PACKAGES as a root that boots, with real work to do."""
    debian_root.make_root(root, packages, guest)
    shutil.rmtree(root / "usr/share")
    (root / WORK).write_text(SCRIPT)
    (root / WORK).chmod(0o755)


def boot(guest, tools, root, image, rng, *options):
    """Cut every program but the agent; the Case, and the statistics of the cuts."""
    profile = profile_of(root, image.with_suffix(".csv"), rng, elf_files(root) - {debian_root.AGENT})
    seen, split = pack_and_extract(tools, root, image, guest.machine, profile, *options)
    observed = case.look_at(guest, tools, seen, image, os.geteuid() != 0, init="/sbin/init",
                            extra_requests=["process 1", f"run {WORK.encode().hex()}"])
    return observed, split


def work_of(observed):
    return next(run for run in observed.observation.runs if run["path"] == WORK.encode())


def check_work(observed):
    run = work_of(observed)
    lines = run["output"].decode().splitlines()
    assert run["status"] == 0, (run["status"], run["output"])
    assert lines[0] == str(sum(n * n for n in range(1, 2001)))
    assert lines[2:9] == [f"{b}|{sum(i for i in range(1, 3001) if i % 7 == b)}|{int(b == 2995 % 7)}" for b in range(7)]
    assert lines[9].split()[0] == str(len({i * i % 97 for i in range(500)}))
    text = "".join(f"{number}\n" for number in range(1, 20001)).encode()
    assert [line.split()[0] for line in lines[10:12]] == [hashlib.sha256(text).hexdigest(), hashlib.sha512(text).hexdigest()]
    assert lines[12].endswith("is prime")


def check_loaded(observed, path, messages, least_mappings, **least):
    """Each piece was asked for, and had the pages that were predicted."""
    file = observed.reported(path)
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, file, messages)
    comparison.verdict(**least)
    assert len(file["mappings"]) >= least_mappings
