"""A mapping that continues one without a direct page is merged with it: the kernel maps the pages of the report and no
more.

Each file is a program or library whose read-only segments are cut in several, with its pages in place or compressed as
the specimen's letters say.
"""
import json
import subprocess

import pytest

import elf_cut
import oracle
import programs
import specimen
from programs import STATIC, STATIC_PIE

PAGE = specimen.PAGE
KINDS = {
    b"static": STATIC,
    b"pie": STATIC_PIE,
    b"static-separate": (*STATIC, "-Wl,-z,separate-code"),
    b"pie-separate": (*STATIC_PIE, "-Wl,-z,separate-code"),
}
CUTS = (1, 2, 4, 5)
# Which pages are compressed; all others are in place.
COLD = {b"hot": (), b"cold": (0,), b"second cold": (1,), b"behind cold": (0, 1, 3), b"inside cold": (3,)}


def letters(data, cold):
    pages = -(-len(data) // PAGE)
    in_place = set(range(pages - 1)) - set(cold)  # the last page holds no segment's bytes alone
    return "".join("d" if page in in_place else "c" for page in range(pages))


def look_at(guest, tools, work, files, requests):
    """Boot with these files and ask; returns the report's files by path, and the runs by path."""
    root = specimen.directory({name: specimen.file(data, blocks, mode=0o755) for name, (data, blocks) in files.items()})
    image = work / "image"
    image.write_bytes(specimen.make_image(root, big=guest.machine.big))
    done = tools.run("cramfsck", "--xip-report=json", *guest.machine.report_options, image)
    assert done.returncode in (0, 4), done.stderr.decode()
    report = json.loads(done.stdout)
    observation = guest.boot(image, requests)
    assert not observation.errors
    return {oracle.path_of(file): file for file in report["files"]}, {run["path"]: run for run in observation.runs}


def count_decisions(run, name):
    return sum(decided == name for decided, _ in oracle.read_decisions(run["messages"]))


@pytest.fixture(scope="module")
def ran(either_arm, tools, tmp_path_factory):
    files = {}
    for kind, options in KINDS.items():
        program = programs.build(either_arm.machine.toolchain, programs.LONG_WHERE, *options).read_bytes()
        data = elf_cut.cut(program, CUTS)
        for name, cold in COLD.items():
            files[kind + b" " + name] = data, letters(data, cold)
    requests = [f"run {name.hex()}" for name in files]
    return look_at(either_arm, tools, tmp_path_factory.mktemp("merged"), files, requests)


@pytest.mark.parametrize("cold", COLD)
@pytest.mark.parametrize("kind", KINDS)
def test_a_program_s_pieces_are_direct_or_merged_as_the_report_says(ran, kind, cold):
    files, runs = ran
    file, run = files[kind + b" " + cold], runs[kind + b" " + cold]
    assert (run["status"], run["output"][:8]) == (0, b"text at "), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, file, run["messages"], first_twice=False)
    merged = comparison.counted["merged"]
    assert count_decisions(run, file["path"][1:]) == len(file["mappings"]) - merged, (file, run["messages"])
    comparison.verdict(mappings=1)
    direct = [mapping["direct_pages"] > 0 for mapping in file["mappings"] if "w" not in mapping["flags"]]
    if cold == b"hot":
        assert all(direct) and len(direct) >= 5 and not merged
    if cold == b"cold":  # with separate code, the first segment is that page alone, and the next one has other flags
        assert not direct[0] and (direct[1] if b"separate" in kind else merged >= 4)


LIBRARY_SOURCE = b"""
const char filler[5 * 4096] = {1};
__attribute__((aligned(4096))) const char constants[6 * 4096] = {2};
int word(int i);
int word(int i) { return filler[i] + constants[i]; }
"""
PROGRAM_SOURCE = b"int word(int i); int main(void) { return word(0) != 3; }\n"
# Where the third segment's pages are cut; which of the file's first pages are compressed.
LIBRARIES = {
    b"libhot.so": ((), ()),
    b"libcold.so": ((), (0,)),
    b"libcut.so": ((3, 4, 6), ()),
    b"libcutcold.so": ((3, 4, 6), (0,)),
    b"libcutlater.so": ((3, 4, 6), (3, 5)),
}


def compile_c(toolchain, source, to, *options):
    command = [toolchain.prefix + "gcc", "-x", "c", "-", "-O1", "-fPIC", "-o", to, *options]
    subprocess.run(command, input=source, check=True)
    return to.read_bytes()


@pytest.fixture(scope="module")
def linked(arm, tools, debian_armhf, tmp_path_factory):
    """Programs that Debian's dynamic loader gives a library each, all of them in the image at /mnt/mtd."""
    work = tmp_path_factory.mktemp("libraries")
    files = {}
    for name, path in ((b"ld.so", "lib/ld-linux-armhf.so.3"), (b"libc.so.6", "lib/arm-linux-gnueabihf/libc.so.6")):
        data = (debian_armhf / path).resolve().read_bytes()
        files[name] = data, letters(data, ())
    for name, (cuts, cold) in LIBRARIES.items():
        shown = name.decode()
        plain = compile_c(arm.machine.toolchain, LIBRARY_SOURCE, work / shown, "-shared", f"-Wl,-soname,{shown}",
                          "-Wl,-z,separate-code,-z,max-page-size=4096")
        data = elf_cut.cut(plain, cuts)
        files[name] = data, letters(data, cold)
        program = compile_c(arm.machine.toolchain, PROGRAM_SOURCE, work / "program", f"-L{work}", f"-l:{shown}",
                            "-Wl,-rpath,/mnt/mtd", "-Wl,--dynamic-linker=/mnt/mtd/ld.so")
        files[b"with-" + name] = program, letters(program, ())
    requests = [f"run {(b'with-' + name).hex()}" for name in LIBRARIES]
    return look_at(arm, tools, work, files, requests)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_s_segments_are_direct_or_merged_as_the_report_says(linked, name):
    files, runs = linked
    file, run = files[name], runs[b"with-" + name]
    assert (run["status"], run["output"]) == (0, b""), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, file, run["messages"])
    merged = comparison.counted["merged"]
    assert count_decisions(run, name.decode()) == len(file["mappings"]) - merged, (file, run["messages"])
    comparison.verdict(mappings=2)
    assert [m["flags"] for m in file["mappings"]][0] == "r--"
    assert bool(merged) == (name in (b"libcold.so", b"libcutcold.so", b"libcutlater.so")), file
