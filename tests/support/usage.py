"""Checks that cramfs-dump accounts for every byte of an image: --du adds up to its size, and --extents has no holes."""
from schemas import valid


def check_extents(text):
    """Each extent or gap begins where those before it end, or before that, where damaged ones overlap."""
    told = valid("extents", text)
    reach = 0
    for extent in told["extents"]:
        assert extent["offset"] <= reach, f"nothing is told of the bytes from {reach} on"
        if extent["kind"] == "gap":
            assert extent["offset"] == reach, "a gap that something lies in"
        reach = max(reach, extent["offset"] + extent["length"])
    # A superblock counts as whole even if its size says that the image ends inside it.
    head = max(extent["offset"] + extent["length"] for extent in told["extents"] if extent["kind"] == "superblock")
    assert reach == max(told["image"]["size"], head)


def check_usage(text):
    """All three tables add up to the image's size; entries below a directory have no more than the directory."""
    told = valid("du", text)
    size = told["image"]["size"]
    assert sum(kind["bytes"] for kind in told["kinds"]) == size
    assert sum(kind["bytes"] for kind in told["types"]) == size
    assert sum(directory["own"] for directory in told["directories"]) == size
    root = next(directory for directory in told["directories"] if directory["path"] == "/")
    assert root["bytes"] == size
    for table in ("kinds", "types", "directories"):
        sizes = [row["bytes"] for row in told[table]]
        assert sizes == sorted(sizes, reverse=True)
    return told


def check(dump, image, *options):
    """`dump` runs cramfs-dump with the arguments, and returns what it printed."""
    check_extents(dump("--extents", "--json", *options, image))
    return check_usage(dump("--du", "--json", *options, image))
