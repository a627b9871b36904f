"""The machine and the versions of a measurement, as lines of Markdown."""
import datetime
import os
import platform
import re
import subprocess

LIBRARIES = ["libdeflate0", "zlib1g", "libc6"]


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def first_match(path, pattern):
    with open(path) as opened:
        found = re.search(pattern, opened.read(), re.M)
    return found[1].strip() if found else "unknown"


def file_system(path):
    return output_of("df", "--output=fstype", path).split()[-1]


def library_versions():
    """The versions of the libraries that our programs use."""
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *LIBRARIES], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return ", ".join(sorted({line for line in listed.splitlines() if not line.endswith(" ")}))


def describe(bin, cores, trees, out, programs):
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s*(\d+)")) / (1 << 20)
    ours = "; ".join(output_of(bin / "mkcramfs-xip", "--version").splitlines()[:2])
    return [
        f"- {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, load "
        f"{os.getloadavg()[0]:.1f} before the first run",
        f"- {first_match('/proc/cpuinfo', r'^model name.*: (.*)')}, {cores} of {os.cpu_count()} processors, "
        f"{memory:.1f} GiB; Linux {platform.release()}, {platform.machine()}",
        f"- trees on {file_system(trees)}, read before, except with a cold cache; images and extracted files on {file_system(out)}",
        f"- {ours}; {library_versions()}; Python {platform.python_version()}",
        f"- other tools: {', '.join(f'{name} {program}' for name, program in programs.items())}",
    ]
