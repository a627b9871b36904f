"""Updates as the tests make, change and apply them."""
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest

from tools import run

APPLETS = "cut dd fold gunzip head mktemp readlink rm sed sh sha256sum stat tail tar tr cat".split()
DONE, STOPPED, REFUSED, USAGE = 0, 4, 8, 16
BUSYBOX = shutil.which("busybox")
needs_busybox = pytest.mark.skipif(not BUSYBOX, reason="no busybox, whose shell the script is for")


def write(old, new, size, path):
    """The update in a file, which must be made."""
    done = run("cramfs-dump", "--diff", f"--update={path}", f"--erase-block={size}", old, new)
    said = [line for line in done.stderr.splitlines() if b": note: " not in line]
    assert (done.returncode, done.stdout, said) == (0, b"", []), done
    return path


class Update:
    """The parts of an update: to be looked at, changed and written again."""

    def __init__(self, path):
        with tarfile.open(path) as archive:
            self.entries = archive.getmembers()
            self.files = {entry.name: archive.extractfile(entry).read() for entry in self.entries}
        self.lines = self.files["manifest"].decode().splitlines()

    def writes(self):
        """(offset, old length, new bytes) of each block, in the order of writing."""
        found = []
        for number, words in enumerate((line.split() for line in self.lines if line.startswith("write ")), 1):
            data = gzip.decompress(self.files[f"blocks/{number}.gz"])
            assert (len(data), hashlib.sha256(data).hexdigest()) == (int(words[4]), words[5])
            found.append((int(words[1]), int(words[2]), data))
        return found

    def save(self, path):
        with tarfile.open(path, "w") as archive:
            for name, data in self.files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return path

    def with_manifest(self, path, text):
        changed = Update.__new__(Update)
        changed.files = {**self.files, "manifest": text if isinstance(text, bytes) else text.encode()}
        return changed.save(path)


class Device:
    """A system with nothing but busybox, and a place for temporary files."""

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.work.mkdir()
        self.bin, self.temporary = self.work / "bin", self.work / "tmp"
        self.temporary.mkdir()
        self.bin.mkdir()
        for name in APPLETS:
            (self.bin / name).symlink_to(BUSYBOX)

    def command(self, update, target, *options):
        """The script is the one in the update."""
        script = self.work / "apply.sh"
        if not script.exists():
            with tarfile.open(update) as archive:
                script.write_bytes(archive.extractfile("apply.sh").read())
        return [self.bin / "sh", script, *options, update, target]

    def environment(self):
        return {"PATH": str(self.bin), "TMPDIR": str(self.temporary)}

    def apply(self, update, target, *options, prefix=(), **more):
        done = subprocess.run([*prefix, *self.command(update, target, *options)], capture_output=True, stdin=subprocess.DEVNULL,
                              env=self.environment(), cwd=self.work, **more)
        assert os.listdir(self.temporary) == [], done
        return done
