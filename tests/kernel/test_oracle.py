"""The oracle itself, on images that no program under test made: it sees the right contents, and notices wrong ones."""
import copy
import os
import shutil
import subprocess

import guest
import oracle
import pytest
import specimen

PAGE = 4096
TEXT = bytes(range(256)) * 64  # four pages


def observe(arm, tmp_path, root, requests=(), **wrongs):
    """Boot a specimen and compare its tree. Returns (observation, differences)."""
    source, image = tmp_path / "source", tmp_path / "image"
    specimen.write_source(root, source)
    image.write_bytes(specimen.make_image(root, **wrongs))
    observation = arm.boot(image, requests)
    comparison = oracle.Comparison()
    oracle.compare_tree(comparison, oracle.expected_tree(source, all_root=True), observation)
    return observation, comparison


def request(path, offset, length, flags):
    return f"map {path.hex()} {offset} {length} {flags}"


def decisions(observation):
    return [oracle.read_decisions(record["messages"])[0][1] for record in observation.mappings]


def test_sees_an_image_of_util_linux_as_its_source(either_arm, tmp_path):
    mkfs = shutil.which("mkfs.cramfs", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert mkfs, "mkfs.cramfs not found: apt-get install util-linux-extra (or util-linux)"
    source, image = tmp_path / "source", tmp_path / "image"
    (source / "directory").mkdir(parents=True)
    (source / "directory" / "with\nnewline").write_bytes(os.urandom(3 * PAGE + 5))
    (source / "empty").touch(0o600)
    (source / "link").symlink_to("directory")
    os.mkfifo(source / "fifo")
    order = "big" if either_arm.machine.big else "little"
    subprocess.run([mkfs, "-N", order, source, image], check=True)
    comparison = oracle.Comparison()
    expected = oracle.expected_tree(source)
    for node in expected.values():
        node["gid"] %= 256  # mkfs.cramfs cuts it
    oracle.compare_tree(comparison, expected, either_arm.boot(image))
    comparison.verdict(nodes=12, files=4, bytes=2 * 3 * PAGE)


def test_sees_direct_mixed_and_refused_mappings(arm, tmp_path):
    root = specimen.directory({
        b"direct": specimen.file(TEXT[:-100], "dddd"),
        b"mixed": specimen.file(TEXT, "dd"),
        b"compressed": specimen.file(TEXT),
    })
    observation, comparison = observe(arm, tmp_path, root, [
        request(b"direct", 0, 4 * PAGE, "r-x"),
        request(b"direct", 3 * PAGE, PAGE, "r--"),
        request(b"direct", 0, 6 * PAGE, "r--"),
        request(b"direct", 0, PAGE, "rw-"),
        request(b"direct", 4 * PAGE, PAGE, "r--"),
        request(b"mixed", 0, 4 * PAGE, "r--"),
        request(b"compressed", 0, PAGE, "r--"),
    ])
    comparison.verdict(nodes=8)
    assert decisions(observation) == [
        oracle.Decision(4, 4, None),
        oracle.Decision(1, 1, None),
        oracle.Decision(4, 6, oracle.CUT_SHORT),
        oracle.Decision(0, None, "vma is writable"),
        oracle.Decision(0, None, "beyond file limit"),
        oracle.Decision(2, 4, oracle.CUT_SHORT),
        oracle.Decision(0, None, "unsuitable block layout"),
    ]
    assert [record["direct_pages"] for record in observation.mappings] == [4, 1, 4, 0, 0, 2, 0]
    assert [record["rom_pages"] for record in observation.mappings] == [4, 1, 4, 0, 0, 2, 0]


def test_sees_a_shared_last_page(arm, tmp_path):
    root = specimen.directory({
        b"four": specimen.file(TEXT[:-100], "dddd"),
        b"one": specimen.file(TEXT[:100], "d"),
    })
    requests = [request(b"four", 0, 4 * PAGE, "r--"), request(b"one", 0, PAGE, "r--")]
    observation, _ = observe(arm, tmp_path, root, requests, dirty_tails=True)
    assert decisions(observation) == [oracle.Decision(3, 4, oracle.SHARED_TAIL),
                                      oracle.Decision(0, None, "no suitable block remaining")]


def test_notices_that_read_loses_the_last_page_in_place(arm, tmp_path):
    _, comparison = observe(arm, tmp_path, specimen.directory({b"file": specimen.file(TEXT, "dddd")}))
    with pytest.raises(AssertionError, match="b'file'"):
        comparison.verdict(nodes=4)


def test_notices_that_equal_files_of_two_modes_are_one_inode(arm, tmp_path):
    root = specimen.directory({b"private": specimen.file(b"text", mode=0o600), b"public": specimen.file(b"text")})
    _, comparison = observe(arm, tmp_path, root, share_tables=True)
    with pytest.raises(AssertionError, match="b'public'"):
        comparison.verdict(nodes=6)


def test_notices_that_a_link_is_the_inode_of_a_file(arm, tmp_path):
    root = specimen.directory({b"file": specimen.file(b"text"), b"link": specimen.symlink(b"text")})
    _, comparison = observe(arm, tmp_path, root, share_tables=True)
    with pytest.raises(AssertionError, match="b'link'.*'symlink'.*observed .*'file'"):
        comparison.verdict(nodes=6)


def test_notices_entries_that_vanish_at_the_end_of_the_image(arm, tmp_path):
    root = specimen.directory({b"first": specimen.file(b""), b"second": specimen.file(b"")})
    _, comparison = observe(arm, tmp_path, root, room_behind_entries=0)
    with pytest.raises(AssertionError, match="b'second'.*observed None"):
        comparison.verdict(nodes=6)


def test_a_comparison_of_nothing_fails():
    with pytest.raises(AssertionError, match="only 0 nodes"):
        oracle.Comparison().verdict(nodes=1)
    with pytest.raises(AssertionError, match="must name least numbers"):
        oracle.Comparison().verdict()


@pytest.fixture(scope="module")
def predicted(arm, tmp_path_factory):
    """A hand-written report that is true, with the observation that confirms it."""
    work = tmp_path_factory.mktemp("predicted")
    root = specimen.directory({b"mixed": specimen.file(TEXT, "dd")})
    segment = {"segment": 0, "offset": 0, "length": 2 * PAGE, "flags": "r-x", "pages": 2, "direct_pages": 2,
               "reason": None}
    report = {"files": [{"path": "/mixed", "size": len(TEXT), "pages": 4, "direct_pages": 2,
                         "reason": "block 2 is compressed", "mappings": [segment]}]}
    observation, comparison = observe(arm, work, root, oracle.requests(report))
    comparison.verdict(nodes=4)
    return report, observation, work / "source"


def compare_report(report, observation, source):
    comparison = oracle.Comparison()
    oracle.compare_report(comparison, report, observation, source)
    return comparison


def test_confirms_a_true_report(predicted):
    compare_report(*predicted).verdict(mappings=2, pages=6, direct_pages=4, direct_mappings=1, mixed_mappings=1)


@pytest.mark.parametrize("key, value", [("direct_pages", 3), ("direct_pages", 1), ("pages", 5), ("reason", None),
                                        ("reason", "last page is shared"), ("reason", "vma is writable")])
def test_notices_a_false_prediction(predicted, key, value):
    report, observation, source = copy.deepcopy(predicted)
    report["files"][0][key] = value
    with pytest.raises(AssertionError, match="mapping r-- of b'mixed'"):
        compare_report(report, observation, source).verdict(mappings=2)


def test_notices_a_false_prediction_for_a_segment(predicted):
    report, observation, source = copy.deepcopy(predicted)
    report["files"][0]["mappings"][0]["direct_pages"] = 1
    with pytest.raises(AssertionError, match="mapping r-x of b'mixed'"):
        compare_report(report, observation, source).verdict(mappings=2)


def test_notices_a_byte_that_is_not_the_source_s(predicted, tmp_path):
    report, observation, source = predicted
    other = tmp_path / "source"
    shutil.copytree(source, other)
    with open(other / "mixed", "r+b") as file:
        file.seek(PAGE)
        file.write(b"!")
    with pytest.raises(AssertionError, match="mapping r-- of b'mixed' .*: bytes"):
        compare_report(report, observation, other).verdict(mappings=2)


def test_notices_a_mapping_that_was_not_made(predicted):
    report, observation, source = copy.deepcopy(predicted)
    observation.mappings.pop()
    with pytest.raises(AssertionError, match="mappings answered"):
        compare_report(report, observation, source).verdict(mappings=1)


def test_an_image_that_cannot_be_mounted_is_noticed(arm, tmp_path):
    image = tmp_path / "image"
    image.write_bytes(bytes(PAGE))
    comparison = oracle.Comparison()
    oracle.compare_tree(comparison, {}, arm.boot(image))
    with pytest.raises(AssertionError, match="mount b'mtd:xipfs'.*\n.*mount b'/dev/vd.'"):
        comparison.verdict(nodes=1)


def test_a_guest_that_dies_is_told_with_its_last_words(arm, tmp_path):
    image = tmp_path / "image"
    image.write_bytes(bytes(PAGE))
    with pytest.raises(guest.GuestFailed, match="died after 0 records(.|\n)*Unable to mount root"):
        arm.boot(image, init="/sbin/init")


def test_a_guest_that_hangs_is_stopped(arm, tmp_path):
    image = tmp_path / "image"
    image.write_bytes(bytes(PAGE))
    with pytest.raises(guest.GuestFailed, match="no power-off within 0.1 s"):
        arm.boot(image, timeout=0.1)
