"""apply.sh under busybox: the update applied to the old image gives the new one, also after power cuts; anything else is refused
before the first write."""
import concurrent.futures
import gzip
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

import payload
import scenes
from payload import DONE, REFUSED, USAGE, needs_busybox

pytestmark = needs_busybox
SEED = 20261127
UNSHARE = shutil.which("unshare") or "unshare"
RANDOM_POINTS = int(os.environ.get("CRAMFS_XIP_CUTS", "20"))


class Case:
    def __init__(self, name, old, new, size, path):
        self.name, self.size = name, size
        self.old, self.new = old.read_bytes(), new.read_bytes()
        self.path = payload.write(old, new, size, path)
        self.update = payload.Update(self.path)
        self.writes = self.update.writes()

    def cut(self, number, block):
        """The flash after a cut in block `number` (from 0), which then holds `block`; None for what it held before."""
        flash = bytearray(self.old)
        for offset, _, data in self.writes[:number]:
            flash[offset:offset + len(data)] = data
        if block is not None:
            offset = self.writes[number][0]
            flash[offset:offset + len(block)] = block
        return bytes(flash)


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    print(f"seed {SEED}")
    found = {}
    for kind in scenes.KINDS:
        work = tmp_path_factory.mktemp("cases")
        for name, old, new, size in scenes.pairs(work / "work", kind):
            found[f"{kind}: {name}"] = Case(name, old, new, size, work / f"{name}.tar")
    return found


@pytest.fixture
def device(tmp_path):
    return payload.Device(tmp_path / "device")


def flash(device, data):
    path = device.work / "flash"
    path.write_bytes(data)
    return path


def test_update_gives_the_new_image(cases, device):
    for name, case in cases.items():
        path = flash(device, case.old)
        done = device.apply(case.path, path)
        assert done.returncode == DONE, (name, done)
        assert path.read_bytes() == case.new, name
        assert b"%d blocks written" % len(case.writes) in done.stdout
        stamp = path.stat().st_mtime_ns
        done = device.apply(case.path, path)
        assert done.returncode == DONE and b"(0 blocks written)" in done.stdout and path.stat().st_mtime_ns == stamp, done


def test_superblock_is_written_last(cases):
    for name, case in cases.items():
        begin = 512 if "boot" in name else 0
        if case.writes:
            assert case.writes[-1][0] <= begin < case.writes[-1][0] + case.size, name


def torn(old, new, size, rng):
    """What a block may hold after a cut: cut at any byte, erased, half erased, or worse."""
    at = rng.randrange(len(new) + 1)
    erased = b"\xff" * size
    return {"erased": erased, "written in part": new[:at] + erased[at:], "over the old": new[:at] + old[at:],
            "erased in part": old[:at] + erased[at:], "noise": rng.randbytes(size), "zeroes": bytes(size)}


def points(case, rng):
    """Every point of an update: before, in (each way) and after each block."""
    for number, (offset, old_length, data) in enumerate(case.writes):
        yield f"before {number}", case.cut(number, None)
        for form, block in torn(case.old[offset:offset + old_length], data, case.size, rng).items():
            yield f"in {number}: {form}", case.cut(number, block)
        yield f"after {number}", case.cut(number, data)


def goes_on(work, case, name, data):
    """The new image is the result; a file that a cut has made longer than both may stay longer."""
    device = payload.Device(work)
    path = flash(device, data)
    done = device.apply(case.path, path)
    made = path.read_bytes()
    assert done.returncode == DONE, (case.name, name, done)
    assert made[:len(case.new)] == case.new and len(made) <= max(len(case.new), len(data)), (case.name, name)


def all_go_on(tmp_path, jobs):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = [pool.submit(goes_on, tmp_path / str(i), *job) for i, job in enumerate(jobs)]
        for each in done:
            each.result()


@pytest.mark.parametrize("kind", ["plain: add", "boot code: grow"])
def test_every_point_of_one_update(cases, tmp_path, kind):
    case = cases[kind]
    jobs = [(case, name, data) for name, data in points(case, random.Random(SEED))]
    assert len(case.writes) > 3 and len(jobs) == 8 * len(case.writes)
    all_go_on(tmp_path, jobs)


def test_random_points_of_the_others(cases, tmp_path):
    rng = random.Random(SEED)
    print(f"seed {SEED}, {RANDOM_POINTS} points")
    several = [case for case in cases.values() if len(case.writes) > 1]
    jobs = []
    while len(jobs) < RANDOM_POINTS:
        case = rng.choice(several)
        number = rng.randrange(len(case.writes))
        offset, old_length, data = case.writes[number]
        form, block = rng.choice(sorted(torn(case.old[offset:offset + old_length], data, case.size, rng).items()))
        jobs.append((case, f"{number}: {form}", case.cut(number, block)))
    all_go_on(tmp_path, jobs)


def test_killed_at_any_time_it_goes_on(cases, device):
    """The script itself is killed, again and again, until it has finished."""
    rng = random.Random(SEED)
    case = cases["plain: afresh"]
    path = flash(device, case.old)
    longest = time.monotonic()
    assert device.apply(case.path, path).returncode == DONE
    longest = time.monotonic() - longest
    killed = 0
    for _ in range(5):
        path = flash(device, case.old)
        for _ in range(4):
            process = subprocess.Popen(device.command(case.path, path), env=device.environment(), start_new_session=True,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(rng.random() * longest)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                killed += 1
            for left in device.temporary.iterdir():
                for file in left.iterdir():
                    assert file.stat().st_size <= 2 * case.size
                    file.unlink()
                left.rmdir()
        assert device.apply(case.path, path).returncode == DONE and path.read_bytes() == case.new
    assert killed


def refused(device, path, update, *options, said=b""):
    before = path.read_bytes()
    done = device.apply(update, path, *options)
    assert done.returncode == REFUSED and done.stderr and said in done.stderr, done
    assert path.read_bytes() == before
    assert sorted(os.listdir(device.work)) == ["apply.sh", "bin", "flash", "tmp"]
    return done


def test_another_image_is_refused(cases, device):
    """Any byte of kept blocks, and of any block but the first one written, which may be torn."""
    rng = random.Random(SEED)
    case = cases["plain: add"]
    first = case.writes[0][0]
    places = [*rng.sample(range(len(case.old)), 25), case.writes[-1][0], len(case.old) - 1]
    for at in [at for at in places if not first <= at < first + case.size]:
        data = bytearray(case.old)
        data[at] ^= 1 << rng.randrange(8)
        refused(device, flash(device, data), case.path, said=b"not the old image")
    for other in (bytes(len(case.old)), rng.randbytes(len(case.old)), b"", case.old[:5000], cases["big-endian: add"].old):
        refused(device, flash(device, other), case.path)


def test_blocks_in_another_order_are_no_power_cut(cases, device):
    case = cases["plain: afresh"]
    assert len(case.writes) > 2
    for number in range(1, len(case.writes)):
        data = bytearray(case.old)
        offset, _, block = case.writes[number]
        data[offset:offset + len(block)] = block
        if number > 1 or case.writes[0][1]:
            refused(device, flash(device, data), case.path, said=b"not the old image")


def test_damaged_payload_is_refused(cases, device, tmp_path):
    """A flipped bit in each important file of it, a missing file, a tar that ends too soon."""
    rng = random.Random(SEED)
    case = cases["plain: add"]
    path = flash(device, case.old)
    device.command(case.path, path)
    for name in case.update.files:
        if name == "apply.sh":
            continue
        for _ in range(3):
            changed = payload.Update(case.path)
            data = bytearray(changed.files[name])
            at = rng.randrange(10 if name.endswith(".gz") else 0, len(data))  # a header of gzip does not depend on the bytes
            data[at] ^= 1 << rng.randrange(8)
            changed.files[name] = bytes(data)
            refused(device, path, changed.save(tmp_path / "bad.tar"))
        changed = payload.Update(case.path)
        del changed.files[name]
        refused(device, path, changed.save(tmp_path / "bad.tar"))
    whole = case.path.read_bytes()
    for length in [0, 100, 512, *rng.sample(range(len(whole) - 2048), 10)]:
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        refused(device, path, tmp_path / "cut.tar")


def test_a_payload_that_unpacks_to_far_more_is_refused(cases, device, tmp_path):
    case = cases["plain: add"]
    changed = payload.Update(case.path)
    changed.files["blocks/1.gz"] = gzip.compress(bytes(1 << 28))
    refused(device, flash(device, case.old), changed.save(tmp_path / "bad.tar"), said=b"block 1 is damaged")


def changed_lines(lines, size):
    """(name, lines) of manifests that are wrong."""
    writes = [i for i, line in enumerate(lines) if line.startswith("write ")]
    keeps = [i for i, line in enumerate(lines) if line.startswith("keep ")]
    first, last, keep = writes[0], writes[-1], keeps[0]

    def put(at, line):
        return [*lines[:at], line, *lines[at + 1:]]

    def word(at, number, text):
        words = lines[at].split(" ")
        words[number] = text
        return put(at, " ".join(words))

    for at, what in ((1, "erase block"), (2, "old"), (3, "new"), (first, "write"), (last, "last"), (keep, "keep")):
        for number in range(1, len(lines[at].split())):
            for text in ("", "-", "-1", "0", "00", "+1", "010", "0x10", "1e3", "9999999999", "99999999999999999999", "$(touch pwned)", "`touch pwned`",
                         "1;touch", "*", "a[0]", "0" * 64, "f" * 63, "F" * 64, "g" * 64, "1 1", "\\", "\x1b[2J"):
                # Only the form of the old image's digest is checked. The old digest of the first block may be any: the block
                # then counts as torn, and the new image is written.
                if text != lines[at].split()[number] and (text != "0" * 64 or (at, number) not in ((2, 2), (first, 3))):
                    yield f"{what} {number} {text!r}", word(at, number, text)
    yield "version 2", put(0, "cramfs-xip-update 2")
    yield "no version", lines[1:]
    yield "empty", []
    yield "no end", lines[:-1]
    yield "more after the end", [*lines, lines[first]]
    yield "a block twice", [*lines[:first], lines[first], *lines[first:]]
    yield "a block less", [*lines[:first], *lines[first + 1:]]
    yield "the last block less", [*lines[:last], *lines[last + 1:]]
    yield "the last block first", [*lines[:first], lines[last], *lines[first:last], *lines[last + 1:]]
    yield "two blocks swapped", [*lines[:first], lines[writes[1]], *lines[first + 1:writes[1]], lines[first], *lines[writes[1] + 1:]]
    yield "a range kept less", [*lines[:keep], *lines[keep + 1:]]
    yield "a kept range that is written", put(keep, lines[keep].replace("keep", "write"))
    yield "a written block that is kept", put(first, " ".join(["keep", *lines[first].split()[1:4]]))
    yield "an unknown line", [*lines[:4], "erase everything", *lines[4:]]
    yield "an empty line", [*lines[:4], "", *lines[4:]]
    yield "a long line", [*lines[:4], "keep " + "9" * 1000000, *lines[4:]]
    yield "many lines", [*lines[:4], *["keep 0 0 " + "0" * 64] * 100000]
    yield "another erase block", put(1, f"erase-block {2 * size}")
    yield "NUL", put(4, "\0")


def test_hostile_manifest_is_refused(cases, device, tmp_path):
    case = cases["plain: add"]
    device.command(case.path, "")
    accepted = []
    for name, lines in changed_lines(case.update.lines, case.size):
        bad = case.update.with_manifest(tmp_path / "bad.tar", "".join(f"{line}\n" for line in lines))
        path = flash(device, case.old)
        done = device.apply(bad, path)
        assert path.read_bytes() == case.old, name
        assert sorted(os.listdir(device.work)) == ["apply.sh", "bin", "flash", "tmp"], name
        if done.returncode != REFUSED:
            accepted.append((name, done))
    assert [name for name, _ in accepted] == [], accepted


def test_random_changes_of_a_manifest_do_no_harm(cases, device, tmp_path):
    """Refused without a write; or the new image, if the change does not matter."""
    rng = random.Random(SEED)
    case = cases["plain: add"]
    device.command(case.path, "")
    for _ in range(200):
        text = bytearray(case.update.files["manifest"])
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = rng.randrange(len(text))
            kind = rng.randrange(3)
            text[at:at + (kind != 0)] = b"" if kind == 1 else bytes([rng.choice(b"0123456789abcdef -\n\0$`kwe")])
        path = flash(device, case.old)
        done = device.apply(case.update.with_manifest(tmp_path / "bad.tar", bytes(text)), path)
        assert (done.returncode, path.read_bytes()) in ((REFUSED, case.old), (DONE, case.new)), (bytes(text), done)


def test_an_image_of_one_erase_block_that_is_torn_must_be_named_so(tmp_path, device):
    (tmp_path / "one").mkdir()
    scene = scenes.Scene(tmp_path / "one")
    old, new = scene.update(scenes.edit)
    update = payload.write(old, new, 1 << 20, tmp_path / "u.tar")
    path = flash(device, b"\xff" * (1 << 20))
    refused(device, path, update, said=b"use --torn")
    done = device.apply(update, path, "--torn")
    assert done.returncode == DONE and path.read_bytes()[:len(new.read_bytes())] == new.read_bytes()


def test_what_is_after_the_images_stays(cases, device):
    """A dump of a larger flash; in the last erase block, what is after the image counts as its own."""
    case = cases["plain: shrink"]
    more = b"\xa5" * 10000
    path = flash(device, case.old + more)
    assert device.apply(case.path, path).returncode == DONE
    assert path.read_bytes() == case.new + (case.old + more)[len(case.new):]


def test_check_writes_nothing(cases, device):
    case = cases["plain: add"]
    path = flash(device, case.old)
    done = device.apply(case.path, path, "--check")
    assert done.returncode == DONE and b"%d blocks to write" % len(case.writes) in done.stdout
    assert path.read_bytes() == case.old


needs_root = pytest.mark.skipif(os.geteuid() != 0 or subprocess.run([UNSHARE, "-m", "true"]).returncode != 0, reason="mounts a small disk, as root")


@needs_root
def test_no_room_for_a_block_is_refused(cases, device):
    case = cases["large erase blocks: add"]
    path = flash(device, case.old)
    mounted = [UNSHARE, "-m", "/bin/sh", "-c", f'/bin/mount -t tmpfs -o size=16k none {device.temporary} && exec "$@"', "-"]
    done = device.apply(case.path, path, prefix=mounted)
    assert done.returncode == REFUSED and b"no room for" in done.stderr and path.read_bytes() == case.old, done


@needs_root
def test_no_room_for_a_longer_file_is_refused(cases, device):
    case = cases["plain: grow"]
    kept = flash(device, case.old)
    disk = device.work / "disk"
    disk.mkdir()
    room = (len(case.old) + 8192) // 1024
    script = (f'/bin/mount -t tmpfs -o size={room}k none {disk} && /bin/cp {kept} {disk}/flash && "$@"; code=$?; '
              f'/usr/bin/cmp {kept} {disk}/flash || exit 99; exit $code')
    done = subprocess.run([UNSHARE, "-m", "/bin/sh", "-c", script, "-", *device.command(case.path, disk / "flash")], capture_output=True,
                          env=device.environment())
    assert done.returncode == REFUSED and b"the disk is full" in done.stderr, done


def test_targets_that_are_none(cases, device, tmp_path):
    case = cases["plain: add"]
    (device.work / "directory").mkdir()
    for target in ("/dev/null", device.work / "directory", device.work / "no"):
        done = device.apply(case.path, target)
        assert done.returncode == REFUSED and done.stderr, done
    assert device.apply(tmp_path / "no.tar", tmp_path).returncode == REFUSED
    for words in ((), ("one",), ("one", "two", "three"), ("--frob", "one", "two")):
        done = subprocess.run([device.bin / "sh", device.work / "apply.sh", *words], env=device.environment(), capture_output=True)
        assert done.returncode == USAGE and done.stderr.startswith(b"usage: "), done


def test_a_tool_that_lacks_is_named(cases, device):
    """Where the shell has no tools of its own."""
    case = cases["plain: add"]
    path = flash(device, case.old)
    command = device.command(case.path, path)
    (device.bin / "fold").unlink()
    done = subprocess.run([shutil.which("dash") or shutil.which("sh"), *command[1:]], env=device.environment(), capture_output=True)
    assert done.returncode == REFUSED and b"there is no fold here" in done.stderr and path.read_bytes() == case.old, done


def test_plain_sh_applies_it_too(cases, tmp_path):
    """The tools of the host in place of busybox's."""
    case = cases["plain: grow"]
    device = payload.Device(tmp_path / "device")
    path = flash(device, case.cut(2, b"\xff" * case.size))
    command = device.command(case.path, path)
    done = subprocess.run(["sh", *command[1:]], capture_output=True)
    assert done.returncode == DONE and path.read_bytes() == case.new, done
