"""Mistakes of the command line: each message names the word, the place (the argument's number, or the option) and what to write."""
import re

import pytest

from tools import PROGRAMS, USAGE, run, run_well

MAKE, CHECK, DUMP = PROGRAMS = ("mkcramfs-xip", "cramfsck", "cramfs-dump")

# Words, with a directory for TREE and an image for IMAGE: the parts of the message, in this order.
MISTAKES = [
    # a slip of the keyboard, wherever it is
    (MAKE, "TREE IMAGE --xip-reprot", "'--xip-reprot' (argument 3)", "--xip-report of cramfsck?"),
    (CHECK, "IMAGE --xip-reprot", "'--xip-reprot' (argument 2)", "did you mean --xip-report?"),
    (CHECK, "--xip-reprot=json IMAGE", "'--xip-reprot' (argument 1)", "did you mean --xip-report?"),
    (DUMP, "--extnets IMAGE", "'--extnets' (argument 1)", "did you mean --extents?"),
    (DUMP, "IMAGE --recursvie", "'--recursvie' (argument 2)", "did you mean --recursive?"),
    (MAKE, "TREE --xip_budget=1M IMAGE", "'--xip_budget' (argument 2)", "did you mean --xip-budget?"),
    (MAKE, "--Quiet TREE IMAGE", "'--Quiet' (argument 1)", "did you mean --quiet?"),
    (MAKE, "TREE IMAGE --allroot", "'--allroot' (argument 3)", "did you mean --all-root?"),
    (MAKE, "TREE IMAGE --xip-s", "'--xip-s' (argument 3)", "--xip-sticky, --xip-split"),
    (MAKE, "TREE IMAGE -xip-budget=1M", "'-xip-budget=1M' (argument 3)", "the option is --xip-budget"),
    (MAKE, "TREE IMAGE -all-root", "'-all-root' (argument 3)", "the option is --all-root"),
    (MAKE, "\N{EN DASH}quiet TREE IMAGE", "(argument 1) begins with a typographic dash", "write '-' or '--'"),
    (MAKE, "TREE IMAGE \N{EM DASH}\N{EM DASH}quiet", "(argument 3) begins with a typographic dash", "write '-' or '--'"),
    # an option of another of the three
    (MAKE, "TREE IMAGE --require-xip=*", "'--require-xip' (argument 3)", "an option of cramfsck"),
    (MAKE, "TREE IMAGE --du", "'--du' (argument 3)", "an option of cramfs-dump"),
    (CHECK, "IMAGE --xip-budget=4K", "'--xip-budget' (argument 2)", "an option of mkcramfs-xip"),
    (DUMP, "IMAGE --xip-report", "'--xip-report' (argument 2)", "an option of cramfsck"),
    # mksquashfs
    (MAKE, "TREE IMAGE -noappend", "'-noappend' (argument 3), an option of mksquashfs", "leave it out"),
    (MAKE, "TREE IMAGE -comp xz", "'-comp' (argument 3), an option of mksquashfs", "--level=12"),
    (MAKE, "TREE IMAGE -b 128k", "--block-size: 128k", "page size of the target"),
    (MAKE, "TREE IMAGE -e usr/share", "--edition: 'usr/share'", "--exclude=GLOB"),
    (MAKE, "TREE IMAGE -ef list", "'-ef' (argument 3), an option of mksquashfs", "--exclude-from"),
    (MAKE, "TREE IMAGE -no-xattrs", "'-no-xattrs' (argument 3), an option of mksquashfs", "--allow=xattr"),
    (MAKE, "TREE IMAGE -processors 2", "'-processors' (argument 3), an option of mksquashfs", "--jobs"),
    (MAKE, "TREE IMAGE -root-owned", "'-root-owned' (argument 3), an option of mksquashfs", "--all-root"),
    (MAKE, "TREE IMAGE -no-progress", "'-no-progress' (argument 3), an option of mksquashfs", "--quiet"),
    # mkfs.erofs
    (MAKE, "IMAGE TREE", "the last operand, is a directory", "IMAGE last"),
    (MAKE, "-zlz4hc IMAGE TREE", "'-zlz4hc' (argument 1), an option of mkfs.erofs", "--level=12"),
    (MAKE, "-T0 TREE IMAGE", "'-T' (argument 1), an option of mkfs.erofs", "no times"),
    (MAKE, "--force-uid=0 TREE IMAGE", "'--force-uid' (argument 1), an option of mkfs.erofs", "--owner=UID:GID"),
    (MAKE, "--exclude-path=x TREE IMAGE", "'--exclude-path' (argument 1), an option of mkfs.erofs", "--exclude=GLOB"),
    (MAKE, "--workers=2 TREE IMAGE", "'--workers' (argument 1), an option of mkfs.erofs", "--jobs"),
    # genromfs
    (MAKE, "-f IMAGE -d TREE", "'-f' (argument 1), an option of genromfs", "SOURCE... IMAGE"),
    (MAKE, "-V volume -d TREE -f IMAGE", "'-d' (argument 3), an option of genromfs", "SOURCE... IMAGE"),
    (MAKE, "TREE IMAGE -A 4096,/bin", "'-A' (argument 3), an option of genromfs", "--xip-rules"),
    # mkfs.jffs2
    (MAKE, "--root=TREE --output=IMAGE", "'--root' (argument 1), an option of mkfs.jffs2", "SOURCE... IMAGE"),
    (MAKE, "-r TREE -o IMAGE", "'-r' (argument 1), an option of mkfs.jffs2", "SOURCE... IMAGE"),
    (MAKE, "TREE IMAGE --eraseblock=64KiB", "'--eraseblock' (argument 3), an option of mkfs.jffs2", "--erase-block=SIZE"),
    (MAKE, "TREE IMAGE -e 64KiB", "--edition: '64KiB'", "--erase-block=SIZE"),
    (MAKE, "TREE IMAGE --big-endian", "'--big-endian' (argument 3), an option of mkfs.jffs2", "--endian=big"),
    (MAKE, "TREE IMAGE --devtable=d", "'--devtable' (argument 3), an option of mkfs.jffs2", "--device-table=FILE"),
    (MAKE, "TREE IMAGE --pad=64K", "'--pad' takes no value", "--pad-to=SIZE"),
    # unsquashfs, fsck, dump.erofs
    (CHECK, "-d out IMAGE", "'-d' (argument 1), an option of unsquashfs", "--extract=DIR"),
    (CHECK, "-p IMAGE", "'-p' (argument 1), an option of fsck", "leave it out"),
    (CHECK, "--overwrite IMAGE", "'--overwrite' (argument 1), an option of fsck.erofs", "--force"),
    (DUMP, "-S IMAGE", "'-S' (argument 1), an option of dump.erofs", "--du"),
    # values
    (MAKE, "--max-size=16MB TREE IMAGE", "--max-size: '16MB' can mean 16000000 or 16777216 bytes", "write 16000000 or 16M"),
    (MAKE, "--fit=8kb TREE IMAGE", "--fit: '8kb' can mean 8000 or 8192 bytes", "write 8000 or 8K"),
    (MAKE, "--max-size=1.5M TREE IMAGE", "--max-size: '1.5M' is not a whole number", "1536K"),
    (MAKE, "--max-size=16T TREE IMAGE", "--max-size: '16T'", "K, M and G"),
    (MAKE, "--xip=exec TREE IMAGE", "--xip: 'exec'", "not one of none, text, readonly, auto, all"),
    (MAKE, "--owner=root:root TREE IMAGE", "--owner: 'root:root' has a name", "0:0"),
    (MAKE, "TREE IMAGE --fit", "'--fit' needs a value", "--fit=SIZE"),
    (MAKE, "TREE IMAGE -j", "'-j' needs a value", "-j JOBS"),
    (CHECK, "--xip-report json IMAGE", "'json' (argument 2)", "--xip-report=json"),
    (CHECK, "--extract out IMAGE", "'out' (argument 2)", "--extract=out"),
    (DUMP, "--map svg IMAGE", "'svg' (argument 2)", "--map=svg"),
    # operands
    (MAKE, "TREE", "the only operand", "IMAGE last"),
    (MAKE, "", "there is no operand", "SOURCE, and IMAGE last"),
    (CHECK, "", "there is no operand", "name an IMAGE"),
    (CHECK, "IMAGE /bin", "'/bin'", "--extract=DIR"),
]


@pytest.mark.parametrize("program, line, parts", [(program, line, parts) for program, line, *parts in MISTAKES])
def test_a_mistake_is_answered(program, line, parts, source, tmp_path):
    image = tmp_path / "out.img"
    run_well(MAKE, "--all-root", "--quiet", source, image)
    before = image.read_bytes()
    words = [word.replace("TREE", str(source)).replace("IMAGE", str(image)) for word in line.split()]
    done = run(program, *words, cwd=tmp_path)
    said = done.stderr.decode()
    assert done.returncode == USAGE and done.stdout == b"" and said.count("\n") == 1
    at = 0
    for part in parts:
        assert part in said[at:], said
        at = said.index(part, at)
    assert said.endswith(f"ry '{program} --help'\n")
    assert image.read_bytes() == before


@pytest.mark.parametrize("size", ["8192", "8K", "8k", "8KiB", "8kib", "0x2000"])
def test_sizes_count_in_1024(size, source, image):
    run_well(MAKE, "--all-root", "--quiet", f"--pad-to={size}", "--erase-block=1MiB", "--max-size=1GiB", source, image)
    assert image.stat().st_size == 8192



def options_of(program):
    listed = re.findall(r"^ +(?:-., )?((?:--[a-z][^ ,]*(?:, )?)+)", run_well(program, "--help").decode(), re.MULTILINE)
    return {option for line in listed for option in re.findall(r"--([a-z][a-z0-9-]*)", line)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_knows_the_options_of_the_others(program):
    own = options_of(program)
    for other in PROGRAMS:
        for option in options_of(other):
            if option in own or (program, option) == (CHECK, "blocks"):
                continue  # --blocks begins --blocksize, which scripts for fsck.cramfs have
            said = run(program, f"--{option}=x").stderr.decode()
            if any(mine.startswith(option) for mine in own):
                continue  # argp takes it for the longer one
            assert f"'--{option}' (argument 1)" in said and ": it is an option of " in said, said


@pytest.mark.parametrize("words", [["-n", "-noappend"], ["--", "-noappend"]])
def test_a_value_or_an_operand_may_look_like_a_habit(words, source, tmp_path):
    said = run(MAKE, "--all-root", *words, source, tmp_path / "x.img").stderr.decode()
    assert "mksquashfs" not in said


def test_q_is_said_not_to_be_quiet():
    assert re.search(r"-q, --all-root .*\n?.*-q is not\s+--quiet", run_well(MAKE, "--help").decode())
