"""Compares an image with its tree in a booted kernel, as tests/kernel does."""
import os
import pathlib
import tempfile

import boot_profile  # noqa: F401 - it makes the path of what follows known

import case  # noqa: E402
import guest  # noqa: E402

PATIENCE = 1800


def expect(tools, tree, image, direct_pages):
    """Raise AssertionError if a kernel's view differs from the tree, or its mappings differ from the report."""
    with tempfile.TemporaryDirectory(prefix="kernel-") as name:
        machine = guest.Guest(guest.ARM, pathlib.Path(name))
        seen = case.look_at(machine, tools, tree, image, all_root=True, timeout=PATIENCE)
        comparison = seen.compare()
    names = files = size = 0
    for directory, directories, others in os.walk(tree):
        names += len(directories) + len(others)
        plain = [path for path in (os.path.join(directory, other) for other in others) if not os.path.islink(path)]
        files += len(plain)
        size += sum(map(os.path.getsize, plain))
    # From ROM and from the disk.
    comparison.verdict(nodes=2 * names, files=2 * files, bytes=2 * size, mappings=files // 2, direct_pages=direct_pages)
    return comparison.counted
