"""The program itself under valgrind; CRAMFS_XIP_VALGRIND has the library under it, over all cases."""
import shutil

import pytest

import programs
from maker import Image, Shape, deflated, directory, file, hole, link, special, stored

pytestmark = [
    pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed"),
    pytest.mark.skipif(programs.SANITIZED, reason="valgrind runs no program that a sanitizer is in"),
]
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite"]


def tree(shape):
    page = bytes(range(1, 65)) * (shape.page // 64)
    broken = deflated(page)
    broken.raw = broken.raw[:-1] + bytes([broken.raw[-1] ^ 1])
    return Image(shape, directory(b"d", file(b"broken", broken), file(b"in", deflated(page), hole(), stored(b"end"),
                                                                       size=2 * shape.page + 3)),
                 file(b"f", stored(page, direct=True, align=shape.page), deflated(b"tail")), link(b"l", b"d/in"),
                 special(b"n\n", 0o010600), link(b"o", b"a\0b"), file(b"s", deflated(b"x", raw=b"\x78\x9c"))).bytes()


def swapped(image, width):
    return b"".join(image[at:at + width][::-1] for at in range(0, len(image), width))


@pytest.mark.parametrize("options", [
    ["-v", "-j2"], ["--json", "--xip-report", "-j1"], ["--xip-report", "--kernel=nommu", "--crc=ignore"], ["--scan"],
    ["-x{target}"], ["-x{target}", "--force", "--privileged"],
], ids=" ".join)
@pytest.mark.parametrize("width", [1, 4])
def test_valgrind_has_nothing_to_say(scene, options, width):
    scene.image.write_bytes(swapped(tree(Shape("big", boot=512)), width))
    if "--force" in options:
        (scene.target / "d").mkdir()
        (scene.target / "f").symlink_to("../../victim")
    options = [option.format(target=scene.target) for option in options]
    run = scene.tools.run("cramfsck", *options, scene.image, prefix=VALGRIND, seconds=120)
    assert run.returncode in (0, 4) and b"==" not in run.stderr, run.stderr.decode(errors="replace")
    assert scene.outside() == scene.before
