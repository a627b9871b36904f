#!/usr/bin/env python3
"""circles.py BUILD: no file of the library or of a program uses, through others, a file that uses it.

Folders depend one way, since each is a target of its own; this checks the same for the files within them. A file uses another if its
object file needs a symbol that the other defines. And no module (a .c with its .h) includes a header of a module that includes one
of its own.
"""
import collections
import pathlib
import re
import subprocess
import sys

SKIPPED = 77


def symbols(objects):
    """The symbols that each object file defines and needs, by its name in the sources: {file: (target, has, lacks)}."""
    listing = subprocess.run(["nm", "-A", "-P", *objects], capture_output=True, text=True, check=True).stdout
    files = {}
    for line in listing.splitlines():
        path, symbol = line.split(": ", 1)
        target, _, name = path.partition(".dir/")
        has, lacks = files.setdefault((target, name.removesuffix(".o")), (set(), set()))
        name, kind = symbol.split()[:2]
        if kind == "U":
            lacks.add(name)
        elif kind in "TDBRC":
            has.add(name)
    return files


def uses(files):
    """{file: {file: symbols}}; a program may have a symbol of a name that others have, too, and its own comes first."""
    places = collections.defaultdict(list)
    for file, (has, _) in files.items():
        for name in has:
            places[name].append(file)
    graph = {file: collections.defaultdict(list) for file in files}
    for file, (_, lacks) in files.items():
        for name in sorted(lacks):
            near = sorted(places[name], key=lambda other: other[0] != file[0])
            if near and near[0] != file:
                graph[file][near[0]].append(name)
    return graph


def reached(graph, file):
    """All files that a file uses, directly and through others."""
    seen, rest = set(), [file]
    while rest:
        for other in graph[rest.pop()]:
            if other not in seen:
                seen.add(other)
                rest.append(other)
    return seen


def included():
    """{module: {module: headers}} of the sources, by what they include of each other."""
    source = pathlib.Path(__file__).parents[2] / "src"
    paths = {str(path.relative_to(source).with_suffix("")): path for path in source.rglob("*.[ch]")}
    graph = {module: collections.defaultdict(list) for module in paths}
    for path in source.rglob("*.[ch]"):
        module = str(path.relative_to(source).with_suffix(""))
        for header in re.findall(r'^#include "(.+)"$', path.read_text(), re.MULTILINE):
            near = str((path.parent / header).relative_to(source).with_suffix(""))
            other = next((name for name in (header.removesuffix(".h"), near) if name in paths), module)
            if other != module:
                graph[module][other].append(header)
    assert sum(len(others) for others in graph.values()) > 100, "the sources include nothing of each other"
    return graph


def print_circles(graph, name):
    """Print the circle, if there is one, and return whether there is."""
    reach = {file: reached(graph, file) for file in graph}
    circular = sorted(file for file in graph if file in reach[file])
    for file in circular:
        for other in sorted(other for other in graph[file] if file in reach[other]):
            print(f"{name(file)} uses {', '.join(graph[file][other])} of {name(other)}")
    return bool(circular)


def main():
    if print_circles(included(), str):
        sys.exit("these modules include each other in a circle: move what both know to a header of its own")
    objects = sorted(str(path) for path in pathlib.Path(sys.argv[1], "src").rglob("*.c.o"))
    assert len(objects) > 100, f"{sys.argv[1]} has no library"
    files = symbols(objects)
    if not any(has for has, _ in files.values()):
        print("SKIPPED: object files without symbols, as those for optimization at link time")
        sys.exit(SKIPPED)
    graph = uses(files)
    if print_circles(graph, lambda file: file[1]):
        sys.exit("these files use each other in a circle: move what is used to a file of its own")
    print(f"{len(files)} files, no circle")


main()
