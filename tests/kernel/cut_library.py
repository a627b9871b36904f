"""A library that is cut (--xip-split), and a program that loads it as a dynamic loader does, where there is no C library."""
import os

import case
import oracle
import programs
import trees
from cut_root import pack_and_extract

LOADER = ("load.c", "start.S", "sys.c", "text.c")
LIBRARY = ("library.c", "filler.S")
ANSWER = 5 + 1000 + sum(range(1, 7)) + 1001
# With the one, the new table is in the zeroes after the constants; with the other, after the end of the file.
LAYOUTS = {"separate": "-z,separate-code", "joined": "-z,noseparate-code"}

CASES = [("separate", (0, 2, 6, 9, 11), "max"), ("joined", (0, 2, 6, 9, 11), "max"), ("joined", (0, 4, 8), "2")]


def build(toolchain, layout):
    """The library, and the program that loads it from the mount of the MTD device.

    A library that needs no other may be a dynamic loader, whose table is never put after its end. So this one needs another.
    """
    needed = programs.build(toolchain, LIBRARY, "-shared", "-fPIC", "-Wl,-e,0,-soname,needed.so")
    library = programs.build(toolchain, LIBRARY, "-shared", "-fPIC", "-Wl,--no-as-needed", needed,
                             f"-Wl,-e,0,-init,library_answer,--build-id=none,-z,max-page-size={trees.PAGE},{LAYOUTS[layout]}")
    relocations = programs.run(toolchain.prefix + "readelf", "-r", "-W", library).decode()
    assert "There are no relocations in this file" in relocations, relocations
    return library.read_bytes(), programs.build(toolchain, LOADER, "-static", "-ffunction-sections", "-Wl,--gc-sections", '-DLIBRARY="/mnt/mtd/library.so"').read_bytes()


def check(guest, tools, work, layout, hot, cuts):
    """Pack it with these pages touched; it does its work, and each piece is mapped as predicted."""
    library, loader = build(guest.machine.toolchain, layout)
    tree = trees.Tree(work / "source")
    tree.file(b"library.so", library, 0o755)
    tree.file(b"load", loader, 0o755)
    rows = ["path,offset,count", "/load,0,1", *(f"/library.so,{page * trees.PAGE},1" for page in hot)]
    (work / "profile").write_text("\n".join(rows) + "\n")
    seen, split = pack_and_extract(tools, work / "source", work / "image", guest.machine,
                                   f"--xip-profile={work / 'profile'}", f"--xip-split={cuts}")
    assert "/library.so" in [file["path"] for file in split["changed"]], split
    assert ((seen / "library.so").stat().st_size > len(library)) == (layout == "joined")
    observed = case.look_at(guest, tools, seen, work / "image", os.geteuid() != 0, extra_requests=[f"run {b'load'.hex()}"])
    run, = observed.observation.runs
    assert (run["status"], run["output"]) == (0, f"answered {ANSWER}\n".encode()), run
    comparison = observed.compare()
    file = observed.reported("library.so")
    oracle.compare_load(comparison, file, run["messages"])
    comparison.verdict(nodes=6, mappings=5, direct_pages=len(hot))
    direct = {mapping["offset"] // trees.PAGE + page for mapping in file["mappings"] for page in range(mapping["direct_pages"])}
    assert direct >= set(hot), (direct, file["mappings"])
