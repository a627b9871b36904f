"""Making source trees: nodes of every type, and contents that compress well, badly, or to nothing.

Owners, devices and unreadable modes need root. Without it, a tree is made with fewer kinds of nodes.
"""
import os
import stat

PAGE = 4096
LONGEST_NAME = 252


class Tree:
    """A directory being filled. Paths are bytes, relative to the root."""

    def __init__(self, root):
        self.root = os.fsencode(root)
        self.is_root = os.geteuid() == 0
        os.mkdir(self.root)

    def _finish(self, path, mode, uid, gid, keep_readable=0):
        at = os.path.join(self.root, path)
        if self.is_root:
            os.lchown(at, uid, gid)
        else:
            mode |= keep_readable
        if not os.path.islink(at):
            os.chmod(at, mode)  # after chown, which takes setuid away

    def file(self, path, data, mode=0o644, uid=0, gid=0):
        with open(os.path.join(self.root, path), "xb") as file:
            file.write(data)
        self._finish(path, mode, uid, gid, keep_readable=0o400)

    def directory(self, path, mode=0o755, uid=0, gid=0):
        os.mkdir(os.path.join(self.root, path))
        self._finish(path, mode, uid, gid, keep_readable=0o700)

    def symlink(self, path, target, uid=0, gid=0):
        os.symlink(target, os.path.join(self.root, path))
        self._finish(path, 0, uid, gid)

    def special(self, path, kind, mode=0o644, uid=0, gid=0, major=0, minor=0):
        """A fifo, a socket or a device; a fifo takes a device's place where only root could make one."""
        if kind in (stat.S_IFCHR, stat.S_IFBLK) and not self.is_root:
            kind = stat.S_IFIFO
        os.mknod(os.path.join(self.root, path), kind | 0o600, os.makedev(major, minor))
        self._finish(path, mode, uid, gid)


# -- contents ----------------------------------------------------------------------------------------------------------

def incompressible(rng, size):
    return rng.randbytes(size)


def compressible(rng, size):
    words = [rng.randbytes(rng.randint(2, 9)) for _ in range(30)]
    text = b"".join(rng.choice(words) for _ in range(size // 2 + 1))
    return text[:size]


def zeroes(_, size):
    return bytes(size)


def patchwork(rng, size):
    """Each page is of another kind, so that holes, stored and compressed blocks are neighbours."""
    pages = [rng.choice((incompressible, compressible, zeroes))(rng, PAGE) for _ in range(size // PAGE + 1)]
    return b"".join(pages)[:size]
