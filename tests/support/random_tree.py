"""A random tree, from a seed."""
import os
import random
import stat

import elf
import trees
from trees import LONGEST_NAME, PAGE, compressible, incompressible, patchwork, zeroes

CHAIN = 60           # directories in directories, each alone
LONGEST_TARGET = 4095  # the host's PATH_MAX
LONGEST_PATH = 3000  # below the host's PATH_MAX
AWKWARD_NAMES = (b"new\nline", b" leading", b"trailing ", b"-dash", b"...", b"back\\slash", b'quo"te', b"\t", b"%s")


def random_size(rng):
    """Around multiples of the page; 4 is the unit of offsets."""
    if rng.random() < 0.2:
        return rng.randint(0, 100)
    return max(0, PAGE * rng.randint(0, 12) + rng.choice((0, 0, 0, 1, -1, 4, -4, 2048, rng.randint(-2000, 2000))))


def random_elf(rng):
    form = elf.Form(rng.choice((32, 64)), rng.random() < 0.5, rng.choice((elf.ET_EXEC, elf.ET_DYN)))

    def length():
        return rng.choice((PAGE, 2 * PAGE, 5 * PAGE, rng.randint(300, 9 * PAGE)))

    layout = rng.choice((
        lambda: elf.text_and_data(length(), length()),
        lambda: elf.separate_code(rng.randint(300, PAGE), length(), length(), length()),
        lambda: elf.text_only(length()),
        lambda: elf.text_in_the_middle(rng.choice((300, PAGE, PAGE + 444)), length(), rng.choice((0, 5, length()))),
        lambda: elf.wide_alignment(length(), length()),
        lambda: elf.text_and_zeroes(length()),
    ))
    segments, size = layout()
    contents = rng.choice((incompressible, compressible, patchwork))(rng, size)
    return elf.elf_file(form, segments, contents)


def random_name(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return bytes(rng.choice([c for c in range(1, 256) if c != ord("/")]) for _ in range(rng.randint(1, 12)))
    if kind == 1:
        return bytes(rng.choices(b"abcXYZ\xff\x80", k=rng.choice((LONGEST_NAME, LONGEST_NAME - 1, 249, 100))))
    if kind == 2:
        return rng.choice(AWKWARD_NAMES) + b"%d" % rng.randrange(99)
    if kind == 3:
        return "naïve-名前-🙂".encode() + b"%d" % rng.randrange(99)
    return bytes(rng.choices(b"abcdefghij-_.0", k=rng.randint(1, 9)))


def unused_name(rng, taken):
    while True:
        name = random_name(rng)
        if name not in taken and name not in (b".", b".."):
            taken.add(name)
            return name


def random_target(rng, contents):
    """A link's target; now and then one that equals the beginning of a file's contents."""
    kinds = [b"x", b"../" * 20, b"t" * LONGEST_TARGET]
    if contents:
        kinds.append(rng.choice(contents)[:30].replace(b"\0", b"0") or b"empty")
    return rng.choice(kinds)


def random_contents(rng, earlier):
    kind = rng.randrange(8) if earlier else 7
    if kind == 0:                                        # an equal file
        return rng.choice(earlier)
    if kind == 1:                                        # blocks of others
        whole = [data[:len(data) // PAGE * PAGE] for data in rng.choices(earlier, k=rng.randint(1, 4))]
        return b"".join(whole)[:40 * PAGE] + bytes(rng.randint(0, 9))
    if kind == 2:                                        # a file cut short, perhaps in its ELF headers
        data = rng.choice(earlier)
        return data[:rng.randint(0, len(data))]
    if kind in (3, 4):
        return random_elf(rng)
    return rng.choice((incompressible, compressible, zeroes, patchwork))(rng, random_size(rng))


def random_owner(rng):
    return {"uid": rng.choice((0, 0, 1, 1000, 65535)), "gid": rng.choice((0, 0, 1, 100, 255))}


def add_special(tree, rng, path):
    kind = rng.choice((stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK))
    device = {}
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        device = {"major": rng.choice((0, 1, 255)), "minor": rng.choice((0, 3, 255))}
    tree.special(path, kind, rng.choice((0o600, 0o640, 0o666)), **random_owner(rng), **device)


def add_chain(tree, rng):
    path = b"chain"
    tree.directory(path)
    for _ in range(CHAIN):
        path = os.path.join(path, b"d" * rng.randint(1, 20))
        tree.directory(path)
    tree.file(os.path.join(path, b"bottom"), b"reached")


def make_random_tree(root, seed, nodes=240, donors=()):
    """Depends only on the seed and the donors: contents of real files, used now and then."""
    rng = random.Random(seed)
    tree = trees.Tree(root)
    directories = {b"": {b"chain"}}  # each with the names that are taken
    contents = list(donors)
    for _ in range(nodes):
        parent = rng.choice(list(directories))
        path = os.path.join(parent, unused_name(rng, directories[parent]))
        kind = rng.randrange(20)
        if kind < 3 and len(tree.root) + len(path) < LONGEST_PATH:
            tree.directory(path, rng.choice((0o755, 0o700, 0o1777, 0o2750, 0)), **random_owner(rng))
            directories[path] = set()
        elif kind == 3:
            tree.symlink(path, random_target(rng, contents), **random_owner(rng))
        elif kind in (4, 5):
            add_special(tree, rng, path)
        else:
            contents.append(random_contents(rng, contents))
            tree.file(path, contents[-1], rng.choice((0o644, 0o644, 0o755, 0o4755, 0o600, 0)), **random_owner(rng))
    add_chain(tree, rng)
