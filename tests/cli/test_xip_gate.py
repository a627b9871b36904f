"""--require-xip and --min-direct: a gate that passes only if the demanded files run in place, and names those that do
not."""
import json

import pytest

import schemas
import specimen
from specimen import PAGE
from test_xip_report import NOISE, program
from tools import CLEAN, ERRORS_LEFT, USAGE, run

TREE = {
    b"bin": specimen.directory({
        b"broken": specimen.file(program(4), "dcdd", 0o755),
        b"compressed": specimen.file(program(5), "", 0o755),
        b"good": specimen.file(program(3), "ddd", 0o755),
        b"half": specimen.file(program(2), "dc", 0o755),
        b"link": specimen.symlink(b"good"),
        b"script": specimen.file(b"#!/bin/sh\n", mode=0o755),
    }),
    b"font:1": specimen.file(NOISE[:3 * PAGE - 9], "ddd"),
}
COMPRESSED = "/bin/compressed: 0 of 5 possible pages direct: unsuitable block layout"
BROKEN = "/bin/broken: 1 of 4 possible pages direct: block 1 breaks the run"
HALF = "/bin/half: 1 of 2 possible pages direct: block 1 breaks the run"
NO_FILE = "no regular file matches"


def sums(short, files, direct, possible):
    verb = "has" if short == 1 else "have"
    return (f"{short} of {files} matching files {verb} too few direct pages; "
            f"all matching files together: {direct} of {possible} possible pages direct")


WHOLE = "8 of 17 possible pages direct"


@pytest.fixture(name="image", scope="module")
def make_image(tmp_path_factory):
    image = tmp_path_factory.mktemp("gate") / "image"
    image.write_bytes(specimen.make_image(specimen.directory(TREE)))
    return image


def told(done, image):
    return [line.removeprefix(f"{image}: error: ") for line in done.stderr.decode().splitlines()]


def require(*globs):
    return [f"--require-xip={glob}" for glob in globs]


@pytest.mark.parametrize("options, expected", [
    (require("/bin/good"), []),
    (require("good", "font?1"), []),
    (require("/bin/good:100", "/font*:100"), []),
    (require("/font:1:100"), []),
    (require("[[:alpha:]]ood"), []),
    (require("/bin:0"), []),
    (require("/bin/half:50"), []),
    (require("/bin/half:51"), [f"{sums(1, 1, 1, 2)} [--require-xip=/bin/half:51]", f"{HALF} [--require-xip=/bin/half:51]"]),
    (require("/bin/half:50%"), []),
    (require("/bin/half:51%"), [f"{sums(1, 1, 1, 2)} [--require-xip=/bin/half:51]", f"{HALF} [--require-xip=/bin/half:51]"]),
    (["--min-direct=47%"], []),
    (require("/bin/broken:25"), []),
    (require("/bin/broken"), [f"{sums(1, 1, 1, 4)} [--require-xip=/bin/broken:100]", f"{BROKEN} [--require-xip=/bin/broken:100]"]),
    # Those that lost most first, the script not at all, and each once.
    (require("/bin"), [f"{sums(3, 5, 5, 14)} [--require-xip=/bin:100]"] + [f"{line} [--require-xip=/bin:100]" for line in (COMPRESSED, BROKEN, HALF)]),
    (require("/bin:50", "/bin/[bc]*", "*:20"), [
        f"{sums(2, 5, 5, 14)} [--require-xip=/bin:50]", f"{sums(2, 2, 1, 9)} [--require-xip=/bin/[bc]*:100]",
        f"{sums(1, 6, 8, 17)} [--require-xip=*:20]",
        f"{COMPRESSED} [--require-xip=/bin/[bc]*:100]", f"{BROKEN} [--require-xip=/bin/[bc]*:100]"]),
    # A renamed file, a path that is not a file, and a file without pages that could be direct.
    (require("/bin/bad"), [f"{NO_FILE} [--require-xip=/bin/bad:100]"]),
    (require("/bin/bad:0"), [f"{NO_FILE} [--require-xip=/bin/bad:0]"]),
    (require("/bin/link"), [f"{NO_FILE} [--require-xip=/bin/link:100]"]),
    (require("/font:1"), [f"{NO_FILE} [--require-xip=/font:1]"]),  # a number there is a percentage
    (require("/good", "good"), [f"{NO_FILE} [--require-xip=/good:100]"]),
    (require("script"), ["no page of the matching files can be direct [--require-xip=script:100]"]),
    (require("script:0"), []),
    (["--min-direct=47"], []),  # 8 of 17 is 47.06 %
    (["--min-direct=0"], []),
    (["--min-direct=48"], [f"{WHOLE} [--min-direct=48]", f"{COMPRESSED} [--min-direct=48]", f"{BROKEN} [--min-direct=48]"]),
    (["--min-direct=48", "--require-xip=/bin/[bh]*"], [
        f"{WHOLE} [--min-direct=48]", f"{sums(2, 2, 2, 6)} [--require-xip=/bin/[bh]*:100]",
        f"{COMPRESSED} [--min-direct=48]", f"{BROKEN} [--require-xip=/bin/[bh]*:100]",
        f"{HALF} [--require-xip=/bin/[bh]*:100]"]),
])
@pytest.mark.parametrize("others", [[], ["--quiet"], ["--json"], ["--xip-report"], ["--json", "--xip-report"]],
                         ids=lambda options: "".join(options) or "alone")
def test_gate_names_what_falls_short(options, expected, others, image):
    done = run("cramfsck", *others, *options, image)
    assert told(done, image) == expected
    assert done.returncode == (ERRORS_LEFT if expected else CLEAN)
    if "--json" in others:
        found = schemas.valid("check", done.stdout)
        if "xip" in found:
            schemas.valid("xip-report", json.dumps(found["xip"]))
        assert set(found) == {"version", "findings"} | ({"failed_demands"} - {options[0] == "--min-direct=0" and "failed_demands"}) | ({"xip"} if "--xip-report" in others else set())
        sums_told = [line for line in expected if not line.startswith("/")]
        assert len(found.get("failed_demands", [])) == len(sums_told)
        assert sum(len(failed["short"]) for failed in found.get("failed_demands", [])) == len(expected) - len(sums_told)
    if others in ([], ["--quiet"]):
        failed = sum(not line.startswith("/") for line in expected)
        verdict = f"{failed} errors, 0 hazards" if expected else "clean"
        assert done.stdout.decode() == ("" if others else f"{image}: {verdict}, 9 files\n")


def test_gate_is_of_the_kernel_and_the_address_that_are_named(image):
    assert run("cramfsck", "--require-xip=good", "--base=0x50000000", image).returncode == CLEAN
    done = run("cramfsck", "--require-xip=good", "--base=0", image)
    assert told(done, image)[1:] == ["/bin/good: 0 of 3 possible pages direct: no physical address [--require-xip=good:100]"]
    done = run("cramfsck", "--require-xip=good", "--kernel=nommu", image)  # that one's loader copies it
    assert done.returncode == CLEAN, "in place as it is, it could be mapped"
    done = run("cramfsck", "--require-xip=broken", "--kernel=nommu", image)
    assert told(done, image) == ["no page of the matching files can be direct [--require-xip=broken:100]"]


def test_nothing_is_too_little(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"text": specimen.file(b"hello\n")})))
    assert run("cramfsck", "--min-direct=0", image).returncode == CLEAN
    done = run("cramfsck", "--min-direct=1", image)
    assert (done.returncode, told(done, image)) == (ERRORS_LEFT, ["0 of 0 possible pages direct [--min-direct=1]"])


def test_findings_of_the_check_come_with_those_of_the_gate(image, tmp_path):
    contents = bytearray(image.read_bytes())
    contents[32] ^= 0xff  # the CRC
    other = tmp_path / "wrong"
    other.write_bytes(contents)
    done = run("cramfsck", "--require-xip=half", other)
    assert done.returncode == ERRORS_LEFT and len(told(done, other)) == 3
    assert done.stdout.decode() == f"{other}: 2 errors, 0 hazards, 9 files\n"


def test_odd_names_stay_on_their_line(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"a\nb": specimen.file(program(2), "")})))
    done = run("cramfsck", "--require-xip=a\nb", image)
    assert told(done, image)[1:] == [
        r"/a\nb: 0 of 2 possible pages direct: unsuitable block layout [--require-xip=a\nb:100]"]


@pytest.mark.parametrize("options", [
    ["--require-xip="], ["--require-xip=/"], ["--require-xip=:50"], ["--require-xip=a:"], ["--require-xip=a:101"],
    ["--min-direct=101"], ["--min-direct=%"], ["--min-direct=50%%"], ["--require-xip=a:101%"],  ["--min-direct=-1"], ["--min-direct=half"], ["--scan", "--min-direct=1"],
    ["--require-xip=a", "--scan"],
])
def test_demands_that_cannot_be_held_are_refused(options, image):
    done = run("cramfsck", *options, image)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (USAGE, b"", 1)


def test_failed_demands_in_json_have_numbers_and_reasons(image):
    done = run("cramfsck", "--json", "--min-direct=48", "--require-xip=/bin/[bh]*", "--require-xip=/nowhere:5", "--require-xip=good", image)
    assert done.returncode == ERRORS_LEFT
    whole, some, none = json.loads(done.stdout)["failed_demands"]
    assert whole == {
        "glob": None, "percent": 48, "files": 6, "short_files": 2, "direct_pages": 8, "possible_pages": 17,
        "reason": "too few pages are direct",
        "short": [{"path": "/bin/compressed", "direct_pages": 0, "possible_pages": 5, "reason": "unsuitable block layout"}]}
    assert some["glob"] == "/bin/[bh]*" and (some["files"], some["short_files"], some["direct_pages"], some["possible_pages"]) == (2, 2, 2, 6)
    assert [found["path"] for found in some["short"]] == ["/bin/broken", "/bin/half"]
    assert (none["glob"], none["percent"], none["reason"], none["short"]) == ("/nowhere", 5, "no regular file matches", [])


def test_ten_files_are_named_and_the_others_counted(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"f%02d" % number: specimen.file(program(2), "") for number in range(13)})))
    lines = told(run("cramfsck", "--require-xip=f*", image), image)
    assert lines[0] == f"{sums(13, 13, 0, 26)} [--require-xip=f*:100]" and len(lines) == 12
    assert lines[-1] == "3 more files have too few direct pages; -v and --json list all files"
    assert run("cramfsck", "-v", "--require-xip=f*", image).stderr.count(b": error: ") == 14
    failed, = json.loads(run("cramfsck", "--json", "--require-xip=f*", image).stdout)["failed_demands"]
    assert len(failed["short"]) == 13


def test_one_more_file_is_counted_in_the_singular(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"f%02d" % number: specimen.file(program(2), "") for number in range(11)})))
    assert told(run("cramfsck", "--require-xip=f*", image), image)[-1] == "1 more file has too few direct pages; -v and --json list all files"
