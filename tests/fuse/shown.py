"""Compares a mounted tree, node by node, with the tree that was packed."""
import os
import stat


def nodes(root):
    """{path: status} of `root` and everything below it; the root is b"". Names come from listings."""
    root = os.fsencode(root)
    found, waiting = {b"": os.lstat(root)}, [b""]
    while waiting:
        path = waiting.pop()
        for name in os.listdir(os.path.join(root, path) if path else root):
            at = os.path.join(path, name)
            assert at not in found, f"{at!r} is listed twice"
            found[at] = os.lstat(os.path.join(root, at))
            if stat.S_ISDIR(found[at].st_mode):
                waiting.append(at)
    return found


def contents(root, path, mode):
    at = os.path.join(os.fsencode(root), path) if path else os.fsencode(root)
    if stat.S_ISLNK(mode):
        return os.readlink(at)
    if not stat.S_ISREG(mode):
        return None
    with open(at, "rb") as file:
        return file.read()


def expect_tree(source, mounted, owners=True):
    """The nodes of `source`, and the rest as Linux shows it: one link each, no times, blocks from the size."""
    wanted, found = nodes(source), nodes(mounted)
    assert wanted.keys() == found.keys()
    for path, expected in wanted.items():
        got = found[path]
        mode = expected.st_mode | (0o555 if not path else 0)
        assert (path, oct(got.st_mode)) == (path, oct(mode))
        if owners:
            assert (path, got.st_uid, got.st_gid) == (path, expected.st_uid, expected.st_gid)
        if not stat.S_ISDIR(mode):
            assert (path, got.st_size) == (path, expected.st_size)
        assert (path, got.st_rdev) == (path, expected.st_rdev)
        assert (path, got.st_nlink, got.st_mtime_ns, got.st_ctime_ns) == (path, 1, 0, 0)
        assert (path, got.st_blocks) == (path, -(-got.st_size // 512))
        assert contents(mounted, path, mode) == contents(source, path, mode), path
    return len(wanted)
