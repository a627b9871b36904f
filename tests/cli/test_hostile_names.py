"""1,000 hostile names, as a tree and as an archive, through every mode of all programs: no control and no format character
reaches an output unescaped. Payloads are excluded: the files, archives, tables and images that a mode writes."""
import io
import json
import os
import random
import re
import stat
import subprocess
import tarfile
import unicodedata
import xml.etree.ElementTree

import pytest

import elf
import trees
from tools import ERRORS_LEFT, OPERATIONAL, PROGRAMS, USAGE, directory, run, run_well

SEED = 20261126
PIECES = [b"\x1b[2J", b"\x1b]0;title\x07", b"\n::error::forged", b"\r", b"\t", b"\x7f", b"\x08", b"\x9b31m", b"\xc2\x9b31m", b"\xc2\x85",
          b"\x90\x9c", b"\xe2\x80\xae", b"\xe2\x81\xa6", b"\xe2\x80\xa8", b"\xe2\x80\x8d", b"\xef\xbb\xbf", b"\xf3\xa0\x81\x81", b"\xc2\xad",
          b"\xd8\x9c", b"\xe2\x80", b"\xc0\x9b", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff\xfe", b"\\033", b"\\", b"%s%n", b"<b>&amp;", b'"', b"'",
          b"$(id)", b"`id`", b"plain", "naïve-名前-😀".encode(), b" ", b"#", b"-", b"--help", b"*?[", b"{", b"}"]
SHOWN_ALWAYS = set("\n\t")
ESC = b"\x1b[31m\n::warning::\xc2\x9b\x9b\xe2\x80\xae"

PROGRAM = b"d1/" + ESC + b"program"


def names(count, seed):
    chosen = random.Random(seed)
    found = {}
    while len(found) < count:
        found[b"".join(chosen.choice(PIECES) for _ in range(chosen.randrange(1, 5)))[:200]] = True
    return list(found)


def sound(output):
    """Nothing but what the issue allows; a byte that is no UTF-8 comes out of decode() as a surrogate."""
    for character in set(output.decode(errors="surrogateescape")) - SHOWN_ALWAYS:
        kind = unicodedata.category(character)
        stray = "\udc80" <= character <= "\udc9f"
        assert kind not in ("Cc", "Cf", "Zl", "Zp") and not stray, f"{character!r} in {output[:2000]!r}"
    assert not re.search(rb"^::", output, re.MULTILINE), output[:2000]


def heard(program, *words, codes=None, payload=False, **options):
    done = run(program, *words, **options)
    assert codes is None or done.returncode in codes, (words, done.returncode, done.stderr[:2000])
    sound(done.stderr)
    if not payload:
        sound(done.stdout)
    return done


def fill_tree(tree, all_names):
    for i, name in enumerate(all_names):
        place = b"d%d/" % (i % 7) + name
        if i % 5 == 0:
            tree.symlink(place, name)
        elif i % 11 == 0:
            tree.directory(place)
        elif i % 13 == 0:
            tree.special(place, stat.S_IFIFO)
        else:
            tree.file(place, name * (i % 40))


def fill_archive(path, all_names):
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="utf-8", errors="surrogateescape") as archive:
        for i, name in enumerate(all_names):
            entry = tarfile.TarInfo("a/" + name.decode(errors="surrogateescape"))
            entry.size = len(name) * (i % 40)
            archive.addfile(entry, io.BytesIO(name * (i % 40)))


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    print(f"seed {SEED}")
    work = os.fsencode(tmp_path_factory.mktemp("hostile"))
    tree = trees.Tree(work + b"/tree")
    all_names = names(1000, SEED)
    for i in range(7):
        tree.directory(b"d%d" % i)
    fill_tree(tree, all_names)
    segments, size = elf.text_and_data(8 * 4096 - 100, 500)
    tree.file(PROGRAM, elf.elf_file(elf.Form(), segments, bytes(range(256)) * (size // 256 + 1)))
    fill_archive(work + b"/a.tar", all_names)
    image = work + b"/" + ESC + b".img"  # paths from the command line are shown, too
    label = ESC[:16]
    run_well("mkcramfs-xip", "--all-root", "--quiet", b"--name=" + label, tree.root, image)
    run_well("mkcramfs-xip", "--all-root", "--quiet", "--exclude=/d3", tree.root, work + b"/other.img")
    return work, tree, image, all_names


# Each long option of --help is in a case below or here, with the reason.
SILENT = {
    "mkcramfs-xip": {"help", "version", "jobs", "level", "compressor", "fill", "no-holes", "pad", "edition", "uid-offset", "gid-offset", "one-file-system",
                     "all-root", "quiet", "erase-block", "slack", "max-size", "fit", "pad-to", "swap16", "swap32", "endian", "kernel", "legacy",
                     "block-size", "force", "xip", "xip-budget", "xip-sticky", "stale-profile"},  # take no name, and print none
    "cramfsck": {"help", "version", "jobs", "base", "block-size", "crc", "kernel", "offset", "privileged", "force", "max-extract", "quiet"},
    "cramfs-dump": {"help", "version", "block-size", "kernel", "offset", "max-extract", "erase-block"},
    "cramfs-fuse": {"help", "version", "block-size", "single"},
}


def write(work, name, content):
    path = work + b"/" + name
    with open(path, "wb") as file:
        file.write(content)
    return path


def builder_modes(scene):
    """(words, exit codes, whether standard output is a payload) of mkcramfs-xip."""
    work, tree, image, all_names = scene
    out = work + b"/out.img"
    globs = b"".join(b"/d1/" + re.sub(rb"[\n\\*?\[\]#\s]", b"?", name) + b" in-place\n" for name in all_names[:50])
    rules = write(work, b"rules", globs + b"/no/" + ESC.replace(b"\n", b"") + b" in-place\n")
    profile = write(work, b"profile", b"path,offset,count\n" + b"".join(b'"/d1/%s",0,1\n' % name.replace(b'"', b'""') for name in all_names[:50]))
    cuts = write(work, b"cuts", b"path,offset,count\n" + b'"/%s",4096,9\n' % PROGRAM)
    excludes = write(work, b"excludes", b"\n".join(name.replace(b"\n", b"?") for name in all_names[:50]) + b"\n")
    table = write(work, b"table", b"/dev/" + ESC.replace(b"\n", b"").replace(b" ", b"") + b" c 600 0 0 300 3 0 0 -\n/d \x1b[2J\n")
    manifest = write(work, b"manifest", b"#mtree\n./" + ESC.replace(b"\n", rb"\012") + b" type=file mode=644\n" + ESC.replace(b"\n", b"") + b" type=\x1b\n")
    return {
        "verbose": (["--verbose", "--all-root", tree.root, out], {0}, False),
        "explain": (["--explain", "--all-root", "--xip=all", tree.root, out], {0}, False),
        **{f"what-if {form}": ([f"--what-if={form}", "--xip=all", "--all-root", tree.root], {0}, False) for form in ("text", "json", "csv", "svg")},
        "stats": (["--stats=json", "--all-root", tree.root, out], {0}, False),
        "extents": (["--extents=/dev/stdout", "--all-root", "--quiet", tree.root, out], {0}, False),
        "depfile": ([b"--depfile=" + work + b"/d", "--all-root", tree.root, out], {0}, False),
        "errors": (["--errors", tree.root, out], {0, OPERATIONAL}, False),
        "strict": ([b"--strict", b"--exclude=" + ESC, "--all-root", tree.root, out], {USAGE}, False),
        "exclude": ([b"--exclude=/d1/" + all_names[3], "--exclude=" + ESC.decode(errors="surrogateescape"), "--all-root", tree.root, out], {0}, False),
        "exclude-from": ([b"--exclude-from=" + excludes, "--all-root", tree.root, out], {0, OPERATIONAL}, False),
        "xip-rules": ([b"--xip-rules=" + rules, "--all-root", "--verbose", tree.root, out], None, False),
        "xip-profile": ([b"--xip-profile=" + profile, "--all-root", tree.root, out], None, False),
        "xip-split": ([b"--xip-profile=" + cuts, "--xip-split", "--all-root", "--explain", tree.root, out], {0}, False),
        "subtree": ([b"--subtree=/no/" + ESC, tree.root, out], {OPERATIONAL}, False),
        "subtree of an archive": ([b"--subtree=a/no" + ESC, work + b"/a.tar", out], {OPERATIONAL}, False),
        "into": ([b"--into=/" + ESC, "--all-root", "--explain", tree.root, out], {0}, False),
        "into a file": (["--all-root", tree.root, b"--into=/" + PROGRAM, "--all-root", work + b"/a.tar", out], {OPERATIONAL}, False),
        "strip-components": (["--strip-components=1", "--all-root", "--explain", work + b"/a.tar", out], None, False),
        "strip-components of too many": (["--strip-components=9", "--all-root", tree.root, out], None, False),
        "offset": (["--offset=512", image, out], {OPERATIONAL}, False),
        "image": (["--explain", image, out], {0}, False),
        "max-unpacked": (["--max-unpacked=1", image, out], {OPERATIONAL}, False),
        "device-table": ([b"--device-table=" + table, "--all-root", tree.root, out], {OPERATIONAL, USAGE}, False),
        "mtree-root": ([b"--mtree-root=" + tree.root, manifest, out], {OPERATIONAL}, False),
        "like": ([b"--like=" + image, "--all-root", "--verbose", tree.root, out, "--force"], {0}, False),
        "allow": (["--allow=all", "--owner=70000:300", tree.root, out], None, False),
        "owner": (["--owner=70000:300", tree.root, out], {OPERATIONAL}, False),
        "map-uid": ([f"--map-uid={os.geteuid()}:70000", f"--map-gid={os.getegid()}:300", tree.root, out], {OPERATIONAL}, False),
        "map-gid": (["--map-uid=\x1b[2J", tree.root, out], {USAGE}, False),
        "whiteouts": (["--whiteouts", "--all-root", work + b"/a.tar", tree.root, out], {0}, False),
        "boot-code": ([b"--boot-code=/no/" + ESC, tree.root, out], {OPERATIONAL, USAGE}, False),
        "insert": ([b"--insert=/no/" + ESC, tree.root, out], {OPERATIONAL, USAGE}, False),
        "name": ([b"--name=" + ESC * 2, tree.root, out], {USAGE}, False),
        "archive": (["--all-root", "--explain", work + b"/a.tar", out], {0}, False),
        "no source": (["--all-root", b"/no/" + ESC, out], {OPERATIONAL}, False),
        "no option": ([b"--" + ESC, tree.root, out], {USAGE}, False),
        "no letter": ([b"-\x9b", tree.root, out], {USAGE}, False),
        "no number": ([b"--jobs=" + ESC, tree.root, out], {USAGE}, False),
        "standard output": (["--all-root", "--verbose", tree.root, "-"], {0}, True),
    }


def damaged_bytes(image):
    damaged = bytearray(open(image, "rb").read())
    for at in random.Random(SEED).sample(range(600, len(damaged)), 60):
        damaged[at] ^= 0x41
    return bytes(damaged)


def checker_modes(scene):
    work, _, image, _ = scene
    touched = write(work, b"touched", b'path,offset,count\n"/%s",4096,9\n"/no/%s",0,1\n' % (PROGRAM, ESC))
    bad = write(work, b"bad" + ESC + b".img", damaged_bytes(image))
    return {
        "verbose": (["--verbose", image], {0}, False),
        "severity": (["--severity=note", image], {0}, False),
        "errors": (["--errors", image], None, False),
        "strict": ([b"--xip-profile=" + touched, "--strict", "--xip-report", image], None, False),
        "json": (["--json", "--severity=note", image], {0}, False),
        "xip-report": (["--xip-report", image], {0}, False),
        "xip-report json": (["--xip-report=json", image], {0}, False),
        "xip-profile": ([b"--xip-profile=" + touched, "--xip-report", image], None, False),
        "xip-profile json": ([b"--xip-profile=" + touched, "--xip-report=json", image], {0}, False),
        "no xip-profile": ([b"--xip-profile=/no/" + ESC, "--xip-report", image], {OPERATIONAL}, False),
        "require-xip": ([b"--require-xip=*" + ESC[:5] + b"*", "--require-xip=/d1/*", "--min-direct=100", image], None, False),
        "min-direct": (["--min-direct=50", image], None, False),
        "scan": (["--scan", image], {0}, False),
        "scan json": (["--scan", "--json", image], {0}, False),
        "damaged": (["--verbose", bad], {ERRORS_LEFT, OPERATIONAL}, False),
        "damaged json": (["--json", bad], {ERRORS_LEFT, OPERATIONAL}, False),
        "damaged crc": (["--crc", bad], None, False),
        "extract": ([b"--extract=" + work + b"/x" + ESC, "--verbose", image], {0, OPERATIONAL}, False),
        "damaged extract": ([b"--extract=" + work + b"/y", bad], None, False),
        "path": ([image, b"/no/" + ESC], None, False),
        "no image": ([b"/no/" + ESC], {OPERATIONAL}, False),
        "no option": ([b"--" + ESC, image], {USAGE}, False),
    }


def dump_modes(scene):
    work, _, image, all_names = scene
    touched = write(work, b"touched", b'path,offset,count\n"/%s",4096,9\n"/no/%s",0,1\n' % (PROGRAM, ESC))
    files = [{"path": ESC.decode(errors="replace") + "</script><b>", "pages": 1, "added": 1}, {"path": 3}, 4]
    point = {"budget": 0, "image_size": 5000, "ram_saved": 4096, "pages": 1, "files": files}
    curve = write(work, b"curve" + ESC, json.dumps({"page_size": 4096, "points": [point]}).encode())
    modes = {
        "long": (["--long", "--recursive", image], {0}, False),
        "recursive": (["--recursive", image], {0}, False),
        "recursive json": (["--recursive", "--json", image], {0}, False),
        "path": ([image, b"/d1/" + ESC], None, False),
        "stat": (["--stat=/d1/*", image], {0}, False),
        "super": (["--super", image], {0}, False),
        "extents": (["--extents", image], {0}, False),
        "du": (["--du", image], {0}, False),
        "depth": (["--du", "--depth=3", image, "/d1"], {0}, False),
        "no depth": ([b"--depth=" + ESC, image], {USAGE}, False),
        "map": (["--map", image], {0}, False),
        "map svg": (["--map=svg", image], {0}, False),
        "html": ([b"--xip-profile=" + touched, "--html", image], {0}, False),
        "html on a curve": ([b"--what-if=" + curve, "--html", image], {0}, False),
        "html on no curve": ([b"--what-if=" + touched, "--html", image], {OPERATIONAL}, False),
        "html of two": (["--html", image, work + b"/other.img"], {0}, False),
        "no html": ([b"--html=/no/" + ESC, image], {OPERATIONAL}, False),
        "html over the image": ([b"--html=" + image, image], {OPERATIONAL}, False),
        "html without a profile": ([b"--xip-profile=/no/" + ESC, "--html", image], {OPERATIONAL}, False),
        "diff": (["--diff", image, work + b"/other.img"], {1}, False),
        "diff json": (["--diff", "--json", image, work + b"/other.img"], {1}, False),
        "blocks": (["--diff", "--blocks", image, work + b"/other.img"], {1}, False),
        "update": (["--diff", b"--update=" + work + b"/" + ESC + b".tar", image, work + b"/other.img"], {0}, False),
        "no update": (["--diff", b"--update=/no/" + ESC, image, work + b"/other.img"], {OPERATIONAL}, False),
        "blocks json": (["--diff", "--blocks", "--json", image, work + b"/other.img"], {1}, False),
        "scan": (["--scan", image], {0}, False),
        "scan json": (["--scan", "--json", image], {0}, False),
        "mtree": (["--mtree", image], {0}, False),
        "tar": (["--tar", image], None, True),
        "cat": (["--cat=/d1/*", image], None, True),
        "device-table": (["--device-table", image], None, True),
        "no option": ([b"--du" + ESC, image], {USAGE}, False),
    }
    for mode in ("stat=/d2/*", "super", "extents", "du"):
        modes[f"{mode} json"] = ([f"--{mode}", "--json", image], {0}, False)
    return modes


def mount_modes(scene):
    """None of them mounts: what is printed of names is what a check and wrong words bring. tests/fuse has --debug."""
    work, _, image, _ = scene
    bad = write(work, b"unmounted" + ESC + b".img", damaged_bytes(image))
    return {
        "damaged": ([bad, b"/no/" + ESC], {OPERATIONAL}, False),
        "foreground": (["--foreground", b"/no/" + ESC, work], {OPERATIONAL}, False),
        "debug": (["--debug", image, image], {OPERATIONAL}, False),
        "options": ([b"--options=offset=" + ESC, image, work], {USAGE}, False),
        "offset": (["--offset=4096", image, work], {OPERATIONAL}, False),
        "one too many": ([image, work, b"/no/" + ESC], {USAGE}, False),
        "no option": ([b"--" + ESC, image], {USAGE}, False),
    }


MODES = dict(zip(PROGRAMS, (builder_modes, checker_modes, dump_modes, mount_modes)))


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_control_leaves_the_program(program, scene):
    for name, (words, codes, payload) in MODES[program](scene).items():
        if os.geteuid() != 0 and program == "mkcramfs-xip" and name == "verbose":
            codes = None
        done = heard(program, *words, codes=codes, payload=payload)
        if "json" in name and done.returncode != USAGE:
            json.loads(done.stdout)
        if "svg" in name:
            xml.etree.ElementTree.fromstring(done.stdout)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_option_has_a_case_or_a_reason(program, scene):
    listed = set(re.findall(r"^ +(?:-\w, )?--([a-z][a-z0-9-]*)", run_well(program, "--help").decode(), re.MULTILINE))
    assert len(listed) >= 8
    used = {found for words, _, _ in MODES[program](scene).values() for word in words
            for found in re.findall(rb"^--([a-z0-9-]+)", os.fsencode(word))}
    assert listed - {os.fsdecode(name) for name in used} - SILENT[program] == set()


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("word", ["--frob", "--help", "--version", "/no/image"])
def test_name_of_the_program_is_shown_as_any_other(program, word, tmp_path):
    link = os.fsencode(tmp_path) + b"/" + ESC
    os.symlink(os.path.realpath(directory() / program), link)
    done = subprocess.run([link, word], capture_output=True, stdin=subprocess.DEVNULL)
    sound(done.stdout)
    sound(done.stderr)
    assert rb"\033[31m" in done.stdout + done.stderr


def test_device_table_holds_no_controls_but_format_characters(scene):
    done = heard("cramfs-dump", "--device-table", scene[2], payload=True)
    for line in done.stdout.decode(errors="surrogateescape").splitlines():
        assert all(unicodedata.category(c) != "Cc" or c == "\t" for c in line) and not re.search("[\udc80-\udc9f]", line)
    assert "\u202e".encode() in done.stdout
    assert b"cannot have names with control characters (and " in done.stderr and b"; use --mtree" in done.stderr


def test_archive_that_lies_about_its_links(tmp_path):
    """Hard links to missing files, and entries below a file."""
    with tarfile.open(tmp_path / "a.tar", "w", errors="surrogateescape") as archive:
        file = tarfile.TarInfo("f" + ESC.decode(errors="surrogateescape"))
        archive.addfile(file)
        below = tarfile.TarInfo(file.name + "/below")
        archive.addfile(below)
        for i, name in enumerate(names(30, SEED + 1)):
            link = tarfile.TarInfo(f"l{i}")
            link.type = tarfile.LNKTYPE
            link.linkname = "no/" + name.decode(errors="surrogateescape")
            archive.addfile(link)
    done = heard("mkcramfs-xip", "--all-root", tmp_path / "a.tar", tmp_path / "out.img", codes={OPERATIONAL})
    assert done.stderr
