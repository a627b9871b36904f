"""Reads the output of `cramfs-dump --extents`."""


def read(text):
    """[(offset, length, kind)] in order; a gap is a kind, too."""
    rows = [line.split(None, 3) for line in text.decode(errors="surrogateescape").splitlines()[1:]]
    return [(int(row[0]), int(row[1]), row[2]) for row in rows]


def gap_before_zone(text):
    """(extents in place, bytes of the gaps before the first one)."""
    rows = read(text)
    kinds = [kind for _, _, kind in rows]
    first = kinds.index("in-place")
    return kinds.count("in-place"), sum(length for _, length, kind in rows[:first] if kind == "gap")
