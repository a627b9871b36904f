"""Changes to a tree, from a random generator: those that releases make, and odd ones."""
import os
import shutil
import stat

import random_tree

PAGE = 4096


def listed(root):
    """(directories, files), as paths from the root, always in the same order."""
    directories, files = [b""], []
    for directory, names, others in os.walk(root):
        directories += [os.path.relpath(os.path.join(directory, name), root) for name in names
                        if not os.path.islink(os.path.join(directory, name))]
        paths = [os.path.join(directory, name) for name in others]
        files += [os.path.relpath(path, root) for path in paths if stat.S_ISREG(os.lstat(path).st_mode)]
    return sorted(directories), sorted(files)


def rewrite(path, data):
    mode = stat.S_IMODE(os.lstat(path).st_mode)
    os.chmod(path, mode | 0o600)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def read(path):
    mode = stat.S_IMODE(os.lstat(path).st_mode)
    os.chmod(path, mode | 0o400)
    with open(path, "rb") as file:
        data = file.read()
    os.chmod(path, mode)
    return data


def new_path(rng, root, directories):
    parent = os.path.join(root, rng.choice(directories))
    while True:
        path = os.path.join(parent, random_tree.random_name(rng))
        if not os.path.lexists(path) and os.path.basename(path) not in (b".", b".."):
            return path


def change_bytes(rng, path, data):
    """Change some bytes but not the length, in one page or in several."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3))):
        at = rng.randrange(len(changed)) if changed else 0
        piece = rng.randbytes(rng.choice((1, 8, 200, 5000)))
        changed[at:at + len(piece)] = piece[:len(changed) - at]
    rewrite(path, bytes(changed))


def change_length(rng, path, data):
    kind = rng.randrange(5)
    if kind == 0:
        data += rng.randbytes(rng.choice((1, 100, PAGE, 3 * PAGE)))
    elif kind == 1:
        data = data[:rng.randint(0, len(data))]
    elif kind == 2:                                      # a line more in the middle
        at = rng.randint(0, len(data))
        data = data[:at] + b"one line more\n" + data[at:]
    elif kind == 3:                                      # a page less in the middle
        at = rng.randint(0, len(data)) // PAGE * PAGE
        data = data[:at] + data[at + PAGE:]
    else:
        data = data[:PAGE] + bytes(rng.choice((100, PAGE, 2 * PAGE))) + data[PAGE:]
    rewrite(path, data)


def edit(rng, root):
    """One change of the tree at `root` (bytes)."""
    directories, files = listed(root)
    path = os.path.join(root, rng.choice(files)) if files else None
    kind = rng.randrange(12) if path else 6
    if kind in (0, 1, 2):
        change_bytes(rng, path, read(path))
    elif kind in (3, 4):
        change_length(rng, path, read(path))
    elif kind == 5:
        rewrite(path, random_tree.random_contents(rng, [read(path)]))
    elif kind in (6, 7):
        with open(new_path(rng, root, directories), "xb") as file:
            file.write(random_tree.random_contents(rng, [read(path)] if path else []))
    elif kind == 8:
        os.unlink(path)
    elif kind == 9:
        os.rename(path, new_path(rng, root, directories))
    elif kind == 10:
        os.chmod(path, rng.choice((0o644, 0o755, 0o600)))
    else:
        edit_directory(rng, root, directories)


def edit_directory(rng, root, directories):
    """Move, remove or copy a directory with everything below it."""
    path = os.path.join(root, rng.choice(directories))
    kind = rng.randrange(4)
    if path.rstrip(b"/") == root or kind == 0:
        os.mkdir(new_path(rng, root, directories))
    elif kind == 1 and len(path) > len(root) + 12:
        shutil.rmtree(path)
    elif kind == 2:
        os.rename(path, new_path(rng, root, [b""]))
    else:
        os.chmod(path, rng.choice((0o755, 0o711)))
