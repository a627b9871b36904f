"""A place to extract hostile trees into, with files around it that must not change."""
import hashlib
import os
import pathlib
import shutil
import stat

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has owners, devices and another user to become")
PLAIN_USER = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def everything_in(top, but=None):
    """{path: type and mode, owner, time, and bytes or target} of everything in it."""
    state = {}
    for folder, folders, files in os.walk(top):
        names = [".", *folders, *files]
        folders[:] = [name for name in folders if pathlib.Path(folder, name) != but]
        for name in names:
            path = pathlib.Path(folder, name)
            about = path.lstat()
            content = b""
            if stat.S_ISREG(about.st_mode):
                content = hashlib.sha256(path.read_bytes()).digest()
            elif stat.S_ISLNK(about.st_mode):
                content = os.readlink(path)
            state[str(path)] = (about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns, content)
    return state


class Scene:
    """A directory to extract into, deep among canaries that must stay as they are."""

    def __init__(self, tools, top):
        self.top, self.canary = top, top / "canary"
        self.tools = tools
        self.inside = self.canary / "one" / "two" / "three"
        self.inside.mkdir(parents=True)
        self.target = self.inside / "target"
        for folder in (self.canary, self.canary / "one", self.canary / "one" / "two"):
            (folder / "victim").write_bytes(b"must stay")
            (folder / "folder").mkdir()
            (folder / "folder" / "victim").write_bytes(b"must stay, too")
        self.image = top / "hostile.img"
        # The parent of the directory gets a new entry: only that may change in it.
        self.target.mkdir()
        self.before = self.outside()

    def outside(self):
        return {path: state for path, state in everything_in(self.canary, self.target).items()
                if not (path + "/").startswith(f"{self.target}/")}

    def extract(self, image, *options, prefix=()):
        self.image.write_bytes(image if isinstance(image, bytes) else image.bytes())
        run = self.tools.run("cramfsck", f"-x{self.target}", *options, self.image, prefix=prefix)
        assert self.outside() == self.before
        return run

    def names(self):
        return sorted(str(path.relative_to(self.target)) for path in self.target.rglob("*"))


def hand_over(scene):
    """Gives the whole scene and a copy of the program to a plain user; returns the prefix of that user's commands."""
    programs_of_user = scene.top / "bin"
    programs_of_user.mkdir()
    shutil.copy(scene.tools.directory / "cramfsck", programs_of_user)
    scene.tools = type(scene.tools)(programs_of_user)
    for folder, folders, files in os.walk(scene.top):
        for name in (".", *folders, *files):
            os.chown(os.path.join(folder, name), 65534, 65534)
    scene.before = scene.outside()
    return PLAIN_USER
