"""Trees, ELF files and expectations for kernels whose page is not 4 KiB."""
import contextlib

import elf
import elf_cut
import few_pages
import random_tree
import specimen
import trap_tree
import trees

MODULES = (elf, elf_cut, few_pages, random_tree, specimen, trap_tree, trees)


@contextlib.contextmanager
def of(size):
    """As long as it lasts, what these modules make and expect is in pages of that many bytes."""
    usual = trees.PAGE
    try:
        for module in MODULES:
            module.PAGE = size
        yield
    finally:
        for module in MODULES:
            module.PAGE = usual
