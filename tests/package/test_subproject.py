"""The project as a part of another one (add_subdirectory, FetchContent); static programs; argp in a library of its own."""
import os
import re
import subprocess

import pytest

from building import PROJECT, run, variables

# The parent's own targets and functions have the plain names that ours might have had.
PARENT = """
cmake_minimum_required(VERSION 3.16)
project(parent LANGUAGES C)
include(CTest)
add_library(flags INTERFACE)
add_library(cli INTERFACE)
add_library(layer_base INTERFACE)
function(layer)
  set(LAYER_OF_PARENT ON PARENT_SCOPE)
endfunction()
function(require)
  set(REQUIRE_OF_PARENT ON PARENT_SCOPE)
endfunction()
@PART@
layer()
require()
if(NOT LAYER_OF_PARENT OR NOT REQUIRE_OF_PARENT)
  message(FATAL_ERROR "the part has taken a function's name from its parent")
endif()
add_executable(list-image @PROJECT@/examples/list-image.c)
target_link_libraries(list-image PRIVATE flags cli layer_base cramfs-xip::cramfs-xip)
add_test(NAME parent COMMAND list-image)
install(TARGETS list-image)
"""
PARTS = {
    "add_subdirectory": f"add_subdirectory({PROJECT} part)",
    "FetchContent": f"include(FetchContent)\nFetchContent_Declare(cramfs-xip SOURCE_DIR {PROJECT})\nFetchContent_MakeAvailable(cramfs-xip)",
}
AS_AT_FIRST = ("-UCRAMFS_XIP_STATIC*", "-UCRAMFS_XIP_ARGP*", "-DCMAKE_EXE_LINKER_FLAGS=", "-DCMAKE_PREFIX_PATH=")


def configure(folder, part, cache, *options):
    folder.joinpath("CMakeLists.txt").write_text(PARENT.replace("@PART@", part).replace("@PROJECT@", str(PROJECT)))
    same = [f"-D{name}={cache[name]}" for name in ("CMAKE_C_COMPILER", "CRAMFS_XIP_LIBDEFLATE", "CRAMFS_XIP_ZOPFLI")]
    build = folder / "build"
    run("cmake", "-S", folder, "-B", build, "-G", cache["CMAKE_GENERATOR"], "-DBUILD_TESTING=ON", *same, *options)
    return build


@pytest.mark.parametrize("part", PARTS)
def test_a_parent_keeps_what_is_its_own(part, cache, tmp_path):
    build = configure(tmp_path, PARTS[part], cache)
    assert re.findall(r"Test +#\d+: (.*)", run("ctest", "-N", cwd=build)) == ["parent"]
    assert not (build / "CPackConfig.cmake").exists()
    cached = (build / "CMakeCache.txt").read_text()
    assert not re.search("^BUILD_SHARED_LIBS:", cached, re.M)
    assert re.search("^CMAKE_BUILD_TYPE:STRING=$", cached, re.M)
    installs = "".join(path.read_text() for path in build.rglob("cmake_install.cmake"))
    assert "list-image" in installs and "mkcramfs-xip" not in installs


def test_a_parent_may_have_it_installed(cache, tmp_path):
    build = configure(tmp_path, PARTS["add_subdirectory"], cache, "-DCRAMFS_XIP_INSTALL=ON")
    assert any("mkcramfs-xip" in path.read_text() for path in build.rglob("cmake_install.cmake"))


# -- one build for what only links in another way; nothing in it is sanitized ----------------------------------------------

builds = pytest.mark.skipif(os.environ.get("CRAMFS_XIP_SANITIZED") == "1", reason="it would be no other build than without sanitizers")


@pytest.fixture(scope="module")
def parent(cache, tmp_path_factory):
    """Called with options: the parent is configured and built with them, and with none of a call before."""
    folder = tmp_path_factory.mktemp("parent")

    def build_with(*options):
        build = configure(folder, PARTS["add_subdirectory"], cache, *AS_AT_FIRST, *options)
        run("cmake", "--build", build, "--parallel", str(os.cpu_count()))
        return build

    return build_with


def pack_and_check(programs, work):
    owner = [] if os.geteuid() == 0 else ["-q"]
    run(programs / "mkcramfs-xip", *owner, PROJECT / "examples", work / "image")
    assert "image: clean" in run(programs / "cramfsck", work / "image")


@builds
def test_a_parent_builds_and_runs_with_the_library(parent, tmp_path):
    build = parent()
    pack_and_check(build / "part" / "bin", tmp_path)
    assert "list-image.c" in run(build / "list-image", tmp_path / "image")


def static_libraries_missing():
    """Those that are not installed; and libelf, where it lacks functions of its own, as in Debian 13."""
    compiler = variables()["CMAKE_C_COMPILER"]
    paths = {name: run(compiler, f"-print-file-name=lib{name}.a").strip() for name in ("z", "archive", "elf", "json-c", "nettle")}
    missing = [f"lib{name}.a" for name, path in paths.items() if not os.path.isabs(path)]
    symbols = "" if "libelf.a" in missing else run("nm", paths["elf"])
    if " U eu_search_tree_init" in symbols and " T eu_search_tree_init" not in symbols:
        missing.append("a libelf.a that has eu_search_tree_init()")
    return missing


@builds
@pytest.mark.skipif(static_libraries_missing(), reason=f"no static libraries here: {static_libraries_missing()}")
@pytest.mark.parametrize("options, all_programs", (("-DCRAMFS_XIP_STATIC=ON", False), ("-DCMAKE_EXE_LINKER_FLAGS=-static", True)))
def test_static_programs(options, all_programs, parent, tmp_path):
    build = parent(options)
    programs = build / "part" / "bin"
    for program in ("mkcramfs-xip", "cramfsck", "cramfs-dump"):
        assert "NEEDED" not in run("readelf", "-d", programs / program)
    assert ("NEEDED" not in run("readelf", "-d", build / "list-image")) == all_programs
    pack_and_check(programs, tmp_path)


@builds
def test_argp_in_a_library_of_its_own(parent, cache, tmp_path):
    """argp as other C libraries have it. This one is recognised by its messages."""
    (tmp_path / "argp.c").write_text('#include <stdio.h>\nint argp_parse(void) { puts("of libargp"); return 1; }\n')
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "argp.h").write_text("#include_next <argp.h>\n")
    (tmp_path / "lib").mkdir()
    run(cache["CMAKE_C_COMPILER"], "-c", tmp_path / "argp.c", "-o", tmp_path / "argp.o")
    run("ar", "rc", tmp_path / "lib" / "libargp.a", tmp_path / "argp.o")
    build = parent("-DCRAMFS_XIP_ARGP=0", f"-DCMAKE_PREFIX_PATH={tmp_path}")
    for program in ("mkcramfs-xip", "cramfsck", "cramfs-dump"):
        done = subprocess.run([build / "part" / "bin" / program, "--version"], stdout=subprocess.PIPE, text=True)
        assert done.stdout == "of libargp\n"


def test_without_argp_it_says_what_to_install(cache, tmp_path):
    with pytest.raises(AssertionError, match=r"(?s)there is no\s+libargp: install the\s+package\s+argp-standalone"):
        configure(tmp_path, PARTS["add_subdirectory"], cache, "-DCRAMFS_XIP_ARGP=0")
