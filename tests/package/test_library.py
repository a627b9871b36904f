"""The installed library: its exports, and that the examples build and run with it in every documented way."""
import os
import re
import shutil
import subprocess

import pytest

from building import BUILD, PROJECT, run, variables

SHARED = variables()["BUILD_SHARED_LIBS"] == "ON"
needs_shared = pytest.mark.skipif(not SHARED, reason="configured with -DBUILD_SHARED_LIBS=OFF")
EXAMPLES = ("build-from-memory", "check-image", "list-image", "runs-in-place")


def declared():
    """The functions that the public headers declare."""
    names = set()
    for header in sorted((PROJECT / "include" / "cramfs").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", " ", header.read_text(), flags=re.S)
        text = re.sub(r"^#(.*\\\n)*.*$", "", text, flags=re.M)
        text = re.sub(r"\bCRAMFS_(BEGIN|END)_DECLARATIONS\b", ";", text)
        while "{" in text:  # from the inside out; an inline function ends with its body
            text = re.sub(r"\{[^{}]*\}", ";", text)
        for statement in text.split(";"):
            statement = " ".join(statement.split())
            assert not statement.startswith("extern"), f"{header.name}: data are no part of the ABI: {statement}"
            if "(" in statement and not statement.startswith(("typedef", "static")):
                name = re.match(r"[\w\s*]*?(\w+)\s*\(", statement)
                names.add(name[1])
    return names


def test_declarations_are_found():
    names = declared()
    assert {"cramfs_plan_create", "cramfs_report", "cramfs_image_open", "cramfs_loss_names"} <= names
    assert not names & {"cramfs_survey_has_blocks", "cramfs_fail", "cramfs_scan_fn", "read"}


def symbols(library, *options):
    lines = [line.split() for line in run("nm", *options, library).splitlines()]
    return {words[-1].partition("@")[0] for words in lines if len(words) >= 2}


def shared_library(prefix):
    found = [path for path in prefix.rglob("libcramfs-xip.so.*") if not path.is_symlink()]
    assert len(found) == 1
    return found[0]


@needs_shared
def test_the_shared_library_exports_what_the_headers_declare(installed):
    assert symbols(shared_library(installed), "-D", "--defined-only") == declared()


def test_the_static_library_exports_no_more(installed, cache):
    found = symbols(next(installed.rglob("libcramfs-xip.a")), "-g", "--defined-only")
    if cache["CRAMFS_XIP_SANITIZE"]:  # there it is not one object
        assert declared() <= found
    else:
        assert found == declared()


def test_the_library_neither_prints_nor_exits(installed):
    used = symbols(next(installed.rglob("libcramfs-xip.a")), "--undefined-only")
    assert used & {"fwrite", "fputs", "fprintf", "__fprintf_chk"}  # to files of the caller's
    assert not used & {"exit", "_exit", "_Exit", "quick_exit", "printf", "__printf_chk", "vprintf", "puts", "putchar", "perror",
                       "stdout", "stderr", "psignal", "warn", "warnx", "err", "errx", "error", "syslog"}


@needs_shared
def test_the_name_of_the_shared_library_has_its_version(installed):
    library = shared_library(installed)
    version = library.name.partition(".so.")[2]
    abi = ".".join(version.split(".")[:2 if version.startswith("0.") else 1])
    assert f"soname: [libcramfs-xip.so.{abi}]" in run("readelf", "-d", library)
    assert os.readlink(library.parent / "libcramfs-xip.so") == f"libcramfs-xip.so.{abi}"
    assert os.readlink(library.parent / f"libcramfs-xip.so.{abi}") == library.name
    assert f"Version: {version}\n" in next(installed.rglob("cramfs-xip.pc")).read_text()


def test_nothing_installed_knows_where_it_was_built(installed, cache):
    places = [os.fsencode(place) + b"/" for place in (PROJECT, BUILD)]
    for path in installed.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        content = path.read_bytes()
        if content.startswith((b"\x7fELF", b"!<arch>")):
            if b"\x7fELF" == content[:4]:
                assert not re.search("R(UN)?PATH", run("readelf", "-d", path)), path
            if cache["CMAKE_BUILD_TYPE"] == "Debug":  # so that a debugger finds the sources
                continue
        assert not any(place in content for place in places), path


# The ways to the library: for each how the examples are compiled, and whether the shared one is used.

@pytest.fixture
def static_only(installed, tmp_path):
    """The installed copy without the shared library: the linker prefers that."""
    prefix = tmp_path / "static"
    shutil.copytree(installed, prefix, symlinks=True)
    for path in [*prefix.rglob("libcramfs-xip.so*"), *prefix.rglob("cramfs-xip-shared*.cmake")]:
        path.unlink()
    pc = next(prefix.rglob("cramfs-xip.pc"))
    pc.write_text(pc.read_text().replace(f"prefix={installed}\n", f"prefix={prefix}\n"))
    return prefix


def sanitize(cache):
    return [f"-fsanitize={cache['CRAMFS_XIP_SANITIZE']}"] if cache["CRAMFS_XIP_SANITIZE"] else []


def pkg_config(prefix, *options):
    path = next(prefix.rglob("cramfs-xip.pc")).parent
    return run("pkg-config", *options, "cramfs-xip", env=dict(os.environ, PKG_CONFIG_PATH=str(path))).split()


def compile_with_pkg_config(prefix, cache, work, *options):
    for example in EXAMPLES:
        run(cache["CMAKE_C_COMPILER"], "-Wall", "-Wextra", "-pedantic", "-Werror", *sanitize(cache),
            *pkg_config(prefix, "--cflags"), PROJECT / "examples" / f"{example}.c", "-o", work / example,
            *pkg_config(prefix, "--libs", *options))


def configure_examples(prefix, cache, work, *options):
    flags = " ".join(sanitize(cache))
    return subprocess.run(["cmake", "-S", str(PROJECT / "examples"), "-B", str(work), f"-DCMAKE_PREFIX_PATH={prefix}",
                           f"-DCMAKE_C_COMPILER={cache['CMAKE_C_COMPILER']}", f"-DCMAKE_C_FLAGS={flags}", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def compile_with_cmake(prefix, cache, work):
    done = configure_examples(prefix, cache, work)
    assert done.returncode == 0, done.stdout
    run("cmake", "--build", work)


def check_examples(programs, image, prefix, shared):
    """The walk-through: build, list, ask."""
    folder = shared_library(prefix).parent if shared else ""
    environment = dict(os.environ, LD_LIBRARY_PATH=str(folder))
    for example in EXAMPLES:
        assert ("libcramfs-xip.so" in run("readelf", "-d", programs / example)) == shared

    def example(name, *arguments):
        return subprocess.run([programs / name, image, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment)

    assert (example("build-from-memory").stderr, example("build-from-memory").returncode) == ("", 0)
    assert "clean, 8 files" in run(BUILD / "bin" / "cramfsck", image)
    listed = example("list-image")
    assert listed.returncode == 0
    assert [line.split(maxsplit=3)[3] for line in listed.stdout.splitlines()] == [
        "/", "/dev", "/dev/console", "/etc", "/etc/issue -> motd", "/etc/motd", "/share", "/share/font"]
    assert run(BUILD / "bin" / "cramfs-dump", "--cat", "/etc/motd", image) == "This file was never on a disk.\n"
    asked = example("runs-in-place", "/share/font")
    assert (asked.returncode, asked.stdout) == (0, "")
    asked = example("runs-in-place", "/etc/motd")
    assert (asked.returncode, asked.stdout) == (1, "/etc/motd: 0 of 1 pages in place: unsuitable block layout\n")
    assert example("runs-in-place", "/none").returncode == 8
    checked = example("check-image")
    assert (checked.stderr, checked.returncode) == ("", 0)
    assert "/share/font" in checked.stdout
    with image.open("r+b") as out:
        out.seek(-1, 2)
        out.write(b"x")
    checked = example("check-image")
    assert checked.returncode == 4
    assert "[crc:" in checked.stderr


def test_examples_with_pkg_config(installed, cache, tmp_path):
    needed = {"-lz", "-larchive", "-lelf", "-ljson-c", "-lnettle"} & set(pkg_config(installed, "--libs"))
    assert len(needed) == (0 if SHARED else 5)
    compile_with_pkg_config(installed, cache, tmp_path)
    check_examples(tmp_path, tmp_path / "image", installed, SHARED)


def test_examples_with_pkg_config_and_the_static_library(static_only, cache, tmp_path):
    compile_with_pkg_config(static_only, cache, tmp_path, "--static")
    check_examples(tmp_path, tmp_path / "image", static_only, False)


def test_examples_with_find_package(installed, cache, tmp_path):
    compile_with_cmake(installed, cache, tmp_path / "build")
    check_examples(tmp_path / "build", tmp_path / "image", installed, SHARED)


def test_examples_with_find_package_of_a_static_library_that_was_moved(static_only, cache, tmp_path):
    moved = tmp_path / "moved"
    static_only.rename(moved)
    compile_with_cmake(moved, cache, tmp_path / "build")
    check_examples(tmp_path / "build", tmp_path / "image", moved, False)


def test_the_static_library_is_taken_when_both_are_there(installed, cache, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(test LANGUAGES C)\n"
        "find_package(cramfs-xip REQUIRED COMPONENTS static)\n"
        f"add_executable(list-image {PROJECT}/examples/list-image.c)\n"
        "target_link_libraries(list-image PRIVATE cramfs-xip::static)\n")
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}",
        f"-DCMAKE_C_COMPILER={cache['CMAKE_C_COMPILER']}", f"-DCMAKE_C_FLAGS={' '.join(sanitize(cache))}")
    run("cmake", "--build", tmp_path / "build")
    assert "libcramfs-xip.so" not in run("readelf", "-d", tmp_path / "build" / "list-image")


def test_a_program_in_cxx_links(installed, cache, tmp_path):
    (tmp_path / "main.cpp").write_text('#include "cramfs/tree.h"\n'
                                       "int main() { cramfs_tree *tree = cramfs_tree_create(); cramfs_tree_free(tree); }\n")
    run(cache["CMAKE_CXX_COMPILER"], *sanitize(cache), *pkg_config(installed, "--cflags"), tmp_path / "main.cpp",
        "-o", tmp_path / "program", *pkg_config(installed, "--libs"))
    run(tmp_path / "program", env=dict(os.environ, LD_LIBRARY_PATH=str(next(installed.rglob("libcramfs-xip.a")).parent)))


def test_find_package_says_what_the_static_library_lacks(static_only, installed, cache, tmp_path):
    without = f"-DPKG_CONFIG_EXECUTABLE={tmp_path / 'none'}"
    done = configure_examples(static_only, cache, tmp_path / "static", without)
    assert done.returncode != 0 and "the static cramfs-xip needs pkg-config" in " ".join(done.stdout.split())
    done = configure_examples(installed, cache, tmp_path / "shared", without)  # that one contains everything itself
    assert (done.returncode == 0) == SHARED, done.stdout


def test_find_package_refuses_another_minor_version(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.16)\nproject(test LANGUAGES C)\n"
                                             "find_package(cramfs-xip ${WANTED} REQUIRED)\n")
    version = re.search(r"Version: (\d+)\.(\d+)", next(installed.rglob("cramfs-xip.pc")).read_text())
    for wanted, code in ((f"{version[1]}.{version[2]}", 0), (f"{version[1]}.{int(version[2]) + 1}", 1)):
        done = subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / wanted, f"-DCMAKE_PREFIX_PATH={installed}",
                               f"-DWANTED={wanted}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == code, done.stdout


def test_the_example_of_the_manual_builds_an_image(installed, cache, tmp_path):
    page = (PROJECT / "man" / "libcramfs-xip.3").read_text()
    source = re.search(r"^(#include .*?)^\.Ed", page, re.DOTALL | re.MULTILINE).group(1)
    (tmp_path / "example.c").write_text(source)
    (tmp_path / "rootfs").mkdir()
    (tmp_path / "rootfs" / "file").write_text("x")
    run(cache["CMAKE_C_COMPILER"], "-Wall", "-Wextra", "-pedantic", "-Werror", *sanitize(cache),
        *pkg_config(installed, "--cflags"), tmp_path / "example.c", "-o", tmp_path / "example", *pkg_config(installed, "--libs"))
    environment = dict(os.environ, LD_LIBRARY_PATH=str(shared_library(installed).parent) if SHARED else "")
    subprocess.run([tmp_path / "example"], cwd=tmp_path, env=environment, check=True)
    assert "clean, 2 files" in run(BUILD / "bin" / "cramfsck", tmp_path / "rootfs.img")
