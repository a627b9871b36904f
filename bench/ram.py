#!/usr/bin/python3
"""ram.py BUILD/bin: how much RAM a workload takes with nothing in place, with a budget, and with segments cut.

Boots an ARM machine under QEMU with Debian's armhf tree in ROM, runs the work of the profile, leaves twelve programs
running, and prints two counters of /proc/vmstat: pages of files in RAM, and the kernel's own memory for processes (its
unreclaimable slab), which grows with each mapping.
"""
import argparse
import pathlib
import re
import sys
import tempfile

import boot_profile
import packages

import case  # noqa: E402 - boot_profile has made its path known
import guest  # noqa: E402

PERCENTS = (25, 50, 100)
HERE = pathlib.Path(__file__).resolve().parent


def counters(image, work, machine):
    """(pages of files, pages of slab) at the end of the work."""
    rom = ("-dtb", machine.device_tree, "-device", f"loader,file={image},addr={guest.ARM.rom_base:#x},force-raw=on")
    lines = boot_profile.boot(image, work, words="rom=1", extra=rom)
    found = dict(re.findall(r"^counter: (\w+) (\d+)$", "\n".join(lines), re.M))
    if "work: 0" not in lines or len(found) != 2:
        raise boot_profile.BootFailed("\n".join(lines[-40:]))
    return int(found["nr_file_pages"]), int(found["nr_slab_unreclaimable"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path, help="the directory with mkcramfs-xip and cramfsck")
    parser.add_argument("--profile", type=pathlib.Path, default=HERE / "debian-armhf.csv")
    parser.add_argument("--boots", type=int, default=1, help="of each image; the smallest numbers count")
    options = parser.parse_args()
    tools = case.Tools(options.bin.resolve())
    with tempfile.TemporaryDirectory(prefix="ram-") as name:
        work = pathlib.Path(name)
        root, image = work / "root", work / "image"
        print(packages.fetch_tree(root, packages.SYSTEM), end="")
        boot_profile.prepare(root)
        boot_profile.write(boot_profile.read(options.profile), work / "profile.csv", root)
        machine = guest.Guest(guest.ARM, work)
        tools.pack(root, image, "-q", "--xip=none")
        bare = image.stat().st_size
        profile = f"--xip-profile={work / 'profile.csv'}"
        tools.pack(root, image, "-q", profile)
        full = image.stat().st_size - bare
        rows = [("nothing in place", ["--xip=none"])]
        for percent in PERCENTS:
            budget = [profile, f"--xip-budget={full * percent // 100}"]
            rows += [(f"{percent} %", budget), (f"{percent} %, --xip-split", [*budget, "--xip-split"]),
                     (f"{percent} %, --xip-split=max", [*budget, "--xip-split=max"])]
        print(f"full cost {full} bytes\n\n| in place | KiB of flash | pages of files | pages of slab |\n|---|---|---|---|")
        for what, words in rows:
            tools.pack(root, image, "-q", *words)
            measured = [counters(image, work, machine) for _ in range(options.boots)]
            files, slab = (min(column) for column in zip(*measured))
            print(f"| {what} | {(image.stat().st_size - bare) // 1024} | {files} | {slab} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
