"""Describes a tree on disk, node by node, so that two trees can be compared."""
import hashlib
import os
import stat


def describe(root, owners=True, specials=True):
    """{path: (type, mode, uid, gid, contents)}; the root is b"". Links are not followed."""
    root = os.fsencode(root)
    found = {}
    waiting = [b""]
    while waiting:
        path = waiting.pop()
        at = os.path.join(root, path) if path else root
        status = os.lstat(at)
        kind = stat.S_IFMT(status.st_mode)
        if not specials and kind in (stat.S_IFCHR, stat.S_IFBLK):
            continue
        held = None
        if kind == stat.S_IFREG:
            with open(at, "rb") as file:
                held = hashlib.sha256(file.read()).digest()
        elif kind == stat.S_IFLNK:
            held = os.readlink(at)
        elif kind in (stat.S_IFCHR, stat.S_IFBLK):
            held = status.st_rdev
        elif kind == stat.S_IFDIR:
            waiting += [os.path.join(path, name) for name in os.listdir(at)]
        mode = 0 if kind == stat.S_IFLNK else stat.S_IMODE(status.st_mode)
        owner = (status.st_uid, status.st_gid) if owners else None
        found[path] = (kind, mode, owner, held)
    return found


def differences(expected, found):
    """A line for each path that differs; at most 20."""
    lines = [f"{path!r}: expected {expected.get(path)}, found {found.get(path)}"
             for path in sorted(expected.keys() | found.keys()) if expected.get(path) != found.get(path)]
    return lines[:20]
