"""Trees whose files are made of a few pages, and edits of them: so most pages are in several files, and at several places."""
import elf
import flat
from trees import PAGE, compressible

NAMES = [f"{folder}{number}" for folder in ("a", "d/b", "z") for number in range(8)]


class Pages:
    """Few pages and few ends of files, and files of them: data, programs, programs for kernels without an MMU."""

    def __init__(self, rng):
        self.rng = rng
        self.pages = [compressible(rng, PAGE) for _ in range(rng.choice((4, 8, 14)))]
        self.pages += [rng.randbytes(PAGE) for _ in range(rng.choice((0, 3, 5)))] + [bytes(PAGE)]
        self.ends = [b"", b"", *(compressible(rng, rng.choice((3, 100, 1000, PAGE - 1))) for _ in range(3)),
                     *(rng.randbytes(rng.choice((1, 2, 4, 50, 3000))) for _ in range(3))]

    def data(self, pages):
        return b"".join(self.rng.choice(self.pages) for _ in range(pages)) + self.rng.choice(self.ends)

    def file(self):
        pages, kind = self.rng.randrange(9), self.rng.random()
        if kind < .35:
            segments, size = elf.text_only((pages + 2) * PAGE)
            more = self.data(1) if self.rng.random() < .4 else b""
            return elf.elf_file(elf.Form(), segments, (bytes(PAGE) + self.data(pages + 1))[:size].ljust(size, b"\1")) + more
        if kind < .45:
            size = (pages + 3) * PAGE
            return flat.flat_file((pages + 1) * PAGE, self.data(pages + 3)[:size].ljust(size, b"\2"))
        return self.data(pages)


class Tree:
    def __init__(self, root, rng):
        self.root, self.rng, self.pages = root, rng, Pages(rng)
        (root / "d").mkdir(parents=True)
        for name in NAMES:
            if rng.random() < .7:
                self.write(name, self.pages.file())

    def write(self, name, data):
        path = self.root / name
        path.write_bytes(data)
        path.chmod(self.rng.choice((0o755, 0o755, 0o755, 0o644)))

    def edit(self):
        rng, name = self.rng, self.rng.choice(NAMES)
        path = self.root / name
        if not path.exists():
            return self.write(name, self.pages.file())
        data = path.read_bytes()
        at = rng.randrange(len(data) // PAGE + 1) * PAGE
        page = rng.choice(self.pages.pages)
        edits = [
            path.unlink,
            lambda: self.write(name, data[:at] + page[:len(data) - at] + data[at + PAGE:]),
            lambda: self.write(name, data[:at] + page + data[at:]),
            lambda: self.write(name, data[:at] + data[at + PAGE:]),
            lambda: self.write(rng.choice(NAMES), data),
            lambda: self.write(name, data[:at] + self.other()[at:]),
            lambda: path.chmod(rng.choice((0o755, 0o644, 0o700))),
            lambda: self.write(name, data[:-1]),
            lambda: self.write(name, data + rng.choice(self.pages.ends)),
        ]
        return rng.choice(edits)()

    def other(self):
        path = self.root / self.rng.choice(NAMES)
        return path.read_bytes() if path.exists() else b""
