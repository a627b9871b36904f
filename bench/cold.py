"""A tree whose files are not in the page cache."""
import os


def can_be(tree, file_system):
    """The files of a tmpfs are nowhere else."""
    return file_system(tree) not in ("tmpfs", "ramfs")


def make(tree):
    """Remove the files of a tree from the page cache. As root, the kernel also forgets names and inodes that nobody uses."""
    for directory, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                file = os.open(path, os.O_RDONLY)
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(file)
    try:
        with open("/proc/sys/vm/drop_caches", "w") as opened:
            opened.write("2\n")
    except PermissionError:
        pass
