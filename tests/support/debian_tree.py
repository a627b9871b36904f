"""A tree of the host's own Debian (or Ubuntu) release, or of another one, made by debootstrap, to run commands in as root.

The first one of each release and architecture is kept as a tarball in ${CRAMFS_XIP_CACHE:-~/.cache/cramfs-xip}/debootstrap, with the packages that were installed
in later ones. Packages come from where the host's apt gets them.
"""
import fcntl
import os
import pathlib
import platform
import shutil
import subprocess

from building import PROJECT, run


# The mounts of a tree while a command runs in it; $0 is the tree.
MOUNT = 'mount -t proc proc "$0/proc" && mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$0/dev/pts"'


def cache_folder():
    base = os.environ.get("CRAMFS_XIP_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cramfs-xip")
    return pathlib.Path(base) / "debootstrap"


def release():
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def sources():
    """The host's own sources of its release, (mirror, suite, component) each; those of others have other releases."""
    wanted = "$(SITE)|$(RELEASE)|$(COMPONENT)"
    lines = run("apt-get", "indextargets", "--format", wanted, "Created-By: Packages").splitlines()
    found = [tuple(line.split("|")) for line in dict.fromkeys(lines)]
    return [source for source in found if source[1] == release() or source[1].startswith(f"{release()}-")]


def mirror():
    """Where the host's apt gets its release, and where other releases are, too."""
    mirrors = [site for site, suite, component in sources() if suite == release() and component == "main"]
    assert mirrors, f"the host's apt has no source of {release()} main: apt-get update, or see its sources.list"
    return mirrors[0]


def own_architecture():
    return run("dpkg", "--print-architecture").strip()


def settings():
    """The host's apt settings for proxies, and for the dates of lists."""
    return [line for line in run("apt-config", "dump").splitlines()
            if line.startswith("Acquire::") and ("Proxy" in line or "Check-" in line)]


def bootstrap(folder, suite, architecture):
    """The tarball of a fresh tree; made if it does not exist."""
    tarball = folder / f"{suite}-{architecture}.tar"
    if tarball.exists():
        return tarball
    fresh = folder / "fresh"
    run("rm", "-rf", fresh)  # left by a run that was ended
    packages = folder / "debs"
    packages.mkdir(exist_ok=True)
    run("debootstrap", "--variant=minbase", f"--arch={architecture}", f"--cache-dir={packages}", suite, fresh, mirror())
    run("tar", "-C", fresh, "--one-file-system", "-cf", tarball.with_suffix(".partial"), ".")
    tarball.with_suffix(".partial").rename(tarball)
    run("rm", "-rf", fresh)
    return tarball


class Tree:
    def __init__(self, root, suite=None, architecture=None):
        """A fresh tree at a path that does not exist yet; of the host's own release and architecture unless given."""
        suite, architecture = suite or release(), architecture or own_architecture()
        self.root = pathlib.Path(root)
        self.cache = cache_folder()
        self.cache.mkdir(parents=True, exist_ok=True)
        self.root.mkdir()
        with open(self.cache / "lock", "w") as lock:  # one at a time makes the tarball
            fcntl.flock(lock, fcntl.LOCK_EX)
            run("tar", "-C", self.root, "-xf", bootstrap(self.cache, suite, architecture))
        self.namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        mount = ["sh", "-c", MOUNT, self.root]
        if subprocess.run([*self.namespaces, *mount], stderr=subprocess.DEVNULL).returncode != 0:
            self.namespaces = []  # as in some containers; then there is no /proc in the tree
        own = (suite, architecture) == (release(), own_architecture())
        used = sources() if own else [(mirror(), suite, "main")]  # which every mirror has for every architecture
        lines = [f"deb {' '.join(source)}\n" for source in used]
        (self.root / "etc/apt/sources.list").write_text("".join(lines))
        (self.root / "etc/apt/apt.conf.d/99host").write_text("\n".join([*settings(), ""]))
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {platform.node()}\n")  # which sudo looks for
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        self.archives = self.root / "var/cache/apt/archives"
        self.kept = self.cache / f"archives-{suite}-{architecture}"
        self.kept.mkdir(exist_ok=True)
        for package in self.kept.glob("*.deb"):
            shutil.copy(package, self.archives)
        self.run("apt-get", "update", "-qq")

    def command(self, *words, directory="/"):
        """The command line, for outside, that runs a command in a directory of the tree, as root and with a plain
        environment."""
        # Words after the script are its "$0" and "$@".
        proc = MOUNT + " && " if self.namespaces else ""
        environment = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                       "LC_ALL=C.UTF-8", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive"]
        return [*self.namespaces, "sh", "-c", proc + 'exec chroot "$0" "$@"', str(self.root), *environment,
                "sh", "-c", 'cd "$0" && exec "$@"', directory, *map(str, words)]

    def run(self, *words, directory="/"):
        """Run a command that must succeed; returns both outputs."""
        return run(*self.command(*words, directory=directory))

    def install(self, *packages):
        """Install packages of the release, and package files, with their dependencies."""
        names = []
        for package in packages:
            if isinstance(package, pathlib.Path):
                shutil.copy(package, self.root / "root")
                package = f"/root/{package.name}"
            names.append(package)
        self.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names)
        self.keep_packages()

    def add_project(self, directory):
        """Copy the files of the repository, as they are now, into a new directory of the tree."""
        names = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=PROJECT)
        tarball = self.root / "tmp" / "project.tar"
        subprocess.run(["tar", "-C", PROJECT, "-cf", tarball, "--ignore-failed-read", "-T", "-"],
                       input=names, text=True, check=True, stderr=subprocess.DEVNULL)
        self.run("mkdir", directory)
        self.run("tar", "-xf", "/tmp/project.tar", "--no-same-owner", directory=directory)
        tarball.unlink()

    def keep_packages(self):
        """Keep apt's downloads for later trees."""
        for package in self.archives.glob("*.deb"):
            if not (self.kept / package.name).exists():
                partial = self.kept / f"{package.name}.partial"  # another run may look at the same time
                shutil.copy(package, partial)
                partial.rename(self.kept / package.name)

    def remove(self):
        run("rm", "-rf", "--one-file-system", self.root)
