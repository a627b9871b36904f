"""The Debian packages: their contents, and that they install, run, and are removed without a trace."""
import re

from building import PROJECT, run

PROGRAMS = ("mkcramfs-xip", "cramfsck", "cramfs-dump")


def files_of(package):
    """Paths in a package, without directories, and their modes and owners."""
    listed = (re.fullmatch(r"(\S+) (\S+) +\d+ \S+ \S+ \.(/.*?)(?: -> .*)?", line) for line in run("dpkg-deb", "-c", package).splitlines())
    return {found[3]: (found[1], found[2]) for found in listed if not found[1].startswith("d")}


def test_there_is_a_package_for_each_kind_of_user(packages):
    names = sorted(packages)
    assert names[:-1] == ["cramfs-fuse", "cramfs-xip", "libcramfs-xip-dev"]
    assert re.fullmatch(r"libcramfs-xip\d+(\.\d+)?", names[-1])


def test_what_is_in_the_packages(packages):
    files = {name: files_of(path) for name, path in packages.items()}
    library = next(name for name in files if name[-1].isdigit())
    assert {f"/usr/bin/{program}" for program in PROGRAMS} == {path for path in files["cramfs-xip"] if path.startswith("/usr/bin/")}
    assert len([path for path in files["cramfs-xip"] if re.search(r"/man[15]/[\w-]+\.[15]\.gz$", path)]) == 5
    for path in ("bin/cramfs-fuse", "share/man/man1/cramfs-fuse.1.gz", "share/bash-completion/completions/cramfs-fuse",
                 "share/zsh/site-functions/_cramfs-fuse", "share/fish/vendor_completions.d/cramfs-fuse.fish"):
        assert f"/usr/{path}" in files["cramfs-fuse"]
    assert "/usr/share/man/man3/libcramfs-xip.3.gz" in files["libcramfs-xip-dev"]
    assert len([path for path in files["cramfs-xip"] if re.search("completions|site-functions", path)]) == 9
    assert not any("/lib/" in path for path in files["cramfs-xip"])
    assert all(re.search(r"\.so\.[\d.]+$", path) for path in files[library] if "/lib/" in path)
    for wanted in (r"/libcramfs-xip\.so$", r"/libcramfs-xip\.a$", r"/cramfs-xip\.pc$", r"-config\.cmake$", "/cramfs/plan.h$"):
        assert any(re.search(wanted, path) for path in files["libcramfs-xip-dev"]), wanted
    for name, its in files.items():
        assert {f"/usr/share/doc/{name}/{file}" for file in ("copyright", "changelog.gz", "changelog.Debian.gz")} <= set(its)
        for path, (mode, owner) in its.items():
            assert owner == "root/root" and mode[1:] in ("rw-r--r--", "rwxr-xr-x", "rwxrwxrwx"), path
            assert (mode == "-rwxr-xr-x") == path.startswith("/usr/bin/"), path


def test_the_packages_say_what_they_need(packages):
    def field(name, wanted):
        return run("dpkg-deb", "-f", packages[name], wanted).strip()

    library = next(name for name in packages if name[-1].isdigit())
    for name in ("cramfs-xip", library):
        depends = field(name, "Depends")
        for needed in ("libc6", "libarchive", "libelf", "libjson-c", "libnettle", "zlib1g"):
            assert re.search(rf"(^|, ){needed}", depends), depends
        assert "libcramfs-xip" not in depends
    for needed in ("fuse3", "libfuse3-", "libc6", "zlib1g"):
        assert re.search(rf"(^|, ){needed}", field("cramfs-fuse", "Depends"))
    assert "libfuse" not in field("cramfs-xip", "Depends")
    depends = field("libcramfs-xip-dev", "Depends")
    for needed in ("libarchive-dev", "libelf-dev", "libjson-c-dev", "libzopfli-dev", "nettle-dev", "zlib1g-dev"):
        assert needed in depends.split(", ")
    assert f"{library} (= {field(library, 'Version')})" in depends
    assert [field(name, "Section") for name in ("cramfs-xip", "cramfs-fuse", library, "libcramfs-xip-dev")] == ["utils", "utils", "libs", "libdevel"]
    assert all("@" in field(name, "Maintainer") for name in packages)


def test_lintian_finds_nothing_but_what_a_first_upload_brings(workshop):
    changes = sorted(workshop.folder.glob("*.changes"))
    assert len(changes) == 2  # of the packages, and of the source package
    said = run("lintian", "--allow-root", "--suppress-tags", "initial-upload-closes-no-bugs", "--fail-on", "error,warning", *changes)
    assert not re.search("^[EW]:", said, re.M), said


def test_the_packages_are_the_same_when_made_again(workshop):
    workshop.make_packages_again()
    first, again = ({path.name: path.read_bytes() for path in folder.glob("*.deb")} for folder in (workshop.folder, workshop.folder / "again"))
    assert sorted(first) == sorted(again)
    assert [name for name in first if first[name] != again[name]] == []


# -- in a system of their own ----------------------------------------------------------------------------------------

# Files of dpkg and ldconfig.
STATE = re.compile(r"/(var/lib/dpkg|var/cache|var/log|var/lib/apt|etc/ld\.so\.cache|root|proc|tmp)\b")


def snapshot(tree):
    """All paths of a tree with their modes and sizes; of directories without these."""
    found = {}
    for path in tree.root.rglob("*"):
        name = "/" + str(path.relative_to(tree.root))
        if not STATE.match(name):
            status = path.lstat()
            found[name] = None if path.is_dir() and not path.is_symlink() else (status.st_mode, status.st_size)
    return found


def autopkgtest(tree, name):
    """Runs a test of the source package in a system where what it depends on is installed."""
    run("cp", PROJECT / "debian" / "tests" / name, tree.root / "tmp" / name)
    tree.run(f"/tmp/{name}")
    tree.run("rm", f"/tmp/{name}")


def is_installed(tree, package):
    return "install ok installed" in tree.run("sh", "-c", "dpkg-query -W -f '${Status}' $0 2>&1 || true", package)


def test_the_programs_install_run_and_leave_nothing_behind(tree, packages):
    before = snapshot(tree)
    assert not [name for name in packages if is_installed(tree, name)]
    tree.install(packages["cramfs-xip"])  # with its dependencies
    autopkgtest(tree, "programs")
    ours = [path for path in tree.run("dpkg", "-L", "cramfs-xip").split() if "cramfs" in path]
    for page in ("man1/mkcramfs-xip.1", "man1/cramfsck.1", "man1/cramfs-dump.1", "man5/cramfs-xip.5", "man5/cramfs-xip-rules.5"):
        assert f"/usr/share/man/{page}.gz" in ours
        assert ".Sh NAME" in tree.run("zcat", f"/usr/share/man/{page}.gz")
    for program in PROGRAMS:
        for completion in (f"bash-completion/completions/{program}", f"zsh/site-functions/_{program}",
                           f"fish/vendor_completions.d/{program}.fish"):
            assert f"/usr/share/{completion}" in ours
    # The names that other packages own stay theirs, and work as before.
    for name in ("mkfs.cramfs", "fsck.cramfs"):
        owner = tree.run("sh", "-c", f"dpkg -S $(command -v {name}) || true")
        assert "cramfs-xip" not in owner

    tree.run("dpkg", "--purge", "cramfs-xip")
    without = snapshot(tree)
    assert [path for path in without if "cramfs" in path and path not in before] == []
    assert not is_installed(tree, "cramfs-xip")

    # Once more by dpkg alone: now the dependencies are there before and after.
    file = f"/root/{packages['cramfs-xip'].name}"
    tree.run("dpkg", "-i", file)
    autopkgtest(tree, "programs")
    tree.run("dpkg", "--purge", "cramfs-xip")
    assert snapshot(tree) == without


def test_the_program_that_mounts_installs_beside_the_others(tree, packages):
    """The system of the test has no /dev/fuse: the message says so, and what to do."""
    tree.install(packages["cramfs-fuse"], packages["cramfs-xip"])
    said = tree.run("sh", "-c", "mkdir -p /tmp/r/d /tmp/m && mkcramfs-xip --quiet /tmp/r /tmp/i && mv /dev/fuse /dev/no 2>/dev/null; "
                    "cramfs-fuse /tmp/i /tmp/m 2>&1; echo $?; rm -r /tmp/r /tmp/m /tmp/i")
    assert "/dev/fuse: is missing; load the kernel's module" in said and said.split()[-1] == "8"
    tree.run("dpkg", "--purge", "cramfs-fuse", "cramfs-xip")
    assert not is_installed(tree, "cramfs-fuse")


def test_examples_build_with_the_development_package(tree, packages):
    tree.install(*packages.values(), "gcc", "libc6-dev", "pkg-config")
    autopkgtest(tree, "library")
    names = list(packages)
    tree.run("dpkg", "--purge", *names)
    assert not [name for name in names if is_installed(tree, name)]
    assert not list(tree.root.rglob("usr/**/*cramfs-xip*"))
