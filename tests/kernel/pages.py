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
    """In this context, these modules make and expect pages of that many bytes."""
    usual = trees.PAGE
    try:
        for module in MODULES:
            module.PAGE = size
        yield
    finally:
        for module in MODULES:
            module.PAGE = usual
