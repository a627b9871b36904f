# Every library that the project needs, each with its Debian package.

find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "pkg-config is missing: install the package pkg-config")
endif()
find_package(Threads REQUIRED)

# cramfs_xip_require(NAME pkg-config-module debian-package): makes the target PkgConfig::CRAMFS_XIP_NAME.
function(cramfs_xip_require name module package)
  pkg_check_modules(CRAMFS_XIP_${name} QUIET IMPORTED_TARGET ${module})
  if(NOT CRAMFS_XIP_${name}_FOUND)
    message(FATAL_ERROR "${module} is missing: install the package ${package} (${ARGN})")
  endif()
endfunction()

cramfs_xip_require(ZLIB zlib zlib1g-dev "or the zlib of your system")
cramfs_xip_require(LIBARCHIVE libarchive libarchive-dev "or libarchive")
cramfs_xip_require(LIBELF libelf libelf-dev "or elfutils")
cramfs_xip_require(JSONC json-c libjson-c-dev "or json-c")
cramfs_xip_require(NETTLE nettle nettle-dev "or nettle")

if(CRAMFS_XIP_LIBDEFLATE)
  # libdeflate has a pkg-config file only since 1.9; Debian's older packages have none.
  pkg_check_modules(CRAMFS_XIP_LIBDEFLATE QUIET IMPORTED_TARGET libdeflate)
  if(NOT CRAMFS_XIP_LIBDEFLATE_FOUND)
    find_path(CRAMFS_XIP_LIBDEFLATE_INCLUDE libdeflate.h)
    find_library(CRAMFS_XIP_LIBDEFLATE_LIBRARY deflate)
    if(NOT CRAMFS_XIP_LIBDEFLATE_INCLUDE OR NOT CRAMFS_XIP_LIBDEFLATE_LIBRARY)
      message(FATAL_ERROR "libdeflate is missing: install the package libdeflate-dev, "
                          "or build without it: -DCRAMFS_XIP_LIBDEFLATE=OFF")
    endif()
    add_library(PkgConfig::CRAMFS_XIP_LIBDEFLATE INTERFACE IMPORTED)
    set_target_properties(PkgConfig::CRAMFS_XIP_LIBDEFLATE PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${CRAMFS_XIP_LIBDEFLATE_INCLUDE}"
      INTERFACE_LINK_LIBRARIES "${CRAMFS_XIP_LIBDEFLATE_LIBRARY}")
  endif()
endif()

# libzopfli has no pkg-config file. Debian has its header in a folder of its own. A static program needs
# libzopfli.a.
set(CRAMFS_XIP_WITH_ZOPFLI OFF)
if(CRAMFS_XIP_ZOPFLI)
  find_path(CRAMFS_XIP_ZOPFLI_INCLUDE zopfli.h PATH_SUFFIXES zopfli)
  if(CRAMFS_XIP_STATIC)
    find_library(CRAMFS_XIP_ZOPFLI_ARCHIVE libzopfli.a)
    set(ZOPFLI_LIBRARY ${CRAMFS_XIP_ZOPFLI_ARCHIVE})
  else()
    find_library(CRAMFS_XIP_ZOPFLI_LIBRARY zopfli)
    set(ZOPFLI_LIBRARY ${CRAMFS_XIP_ZOPFLI_LIBRARY})
  endif()
  if(CRAMFS_XIP_ZOPFLI_INCLUDE AND ZOPFLI_LIBRARY)
    include(CheckCSourceCompiles) # a cross build may find the library of this machine
    set(CMAKE_REQUIRED_INCLUDES ${CRAMFS_XIP_ZOPFLI_INCLUDE})
    set(CMAKE_REQUIRED_LIBRARIES ${ZOPFLI_LIBRARY} m)
    check_c_source_compiles("#include <zopfli.h>
      int main(void) { ZopfliOptions options; ZopfliInitOptions(&options); return !options.numiterations; }"
      CRAMFS_XIP_ZOPFLI_LINKS)
    unset(CMAKE_REQUIRED_INCLUDES)
    unset(CMAKE_REQUIRED_LIBRARIES)
    set(CRAMFS_XIP_WITH_ZOPFLI ${CRAMFS_XIP_ZOPFLI_LINKS})
  endif()
  if(CRAMFS_XIP_WITH_ZOPFLI)
    add_library(PkgConfig::CRAMFS_XIP_ZOPFLI INTERFACE IMPORTED)
    set_target_properties(PkgConfig::CRAMFS_XIP_ZOPFLI PROPERTIES INTERFACE_LINK_LIBRARIES "${ZOPFLI_LIBRARY};m")
  elseif(NOT CRAMFS_XIP_ZOPFLI STREQUAL AUTO)
    message(FATAL_ERROR "libzopfli is missing: install the package libzopfli-dev (or configure with -DCRAMFS_XIP_ZOPFLI=OFF)")
  elseif(CRAMFS_XIP_TOP_LEVEL)
    message(STATUS "--compressor=zopfli is left out: libzopfli is missing (package libzopfli-dev)")
  endif()
endif()

# Only cramfs-fuse needs libfuse; before 3.7 libfuse took no log function. A static program needs
# libfuse3.a.
set(CRAMFS_XIP_WITH_FUSE OFF)
if(CRAMFS_XIP_FUSE)
  pkg_check_modules(CRAMFS_XIP_FUSE3 QUIET IMPORTED_TARGET fuse3>=3.7)
  set(CRAMFS_XIP_WITH_FUSE ${CRAMFS_XIP_FUSE3_FOUND})
  if(CRAMFS_XIP_WITH_FUSE AND CRAMFS_XIP_STATIC)
    pkg_get_variable(FUSE3_LIBDIR fuse3 libdir)
    find_library(CRAMFS_XIP_FUSE3_ARCHIVE libfuse3.a HINTS ${FUSE3_LIBDIR})
    if(CRAMFS_XIP_FUSE3_ARCHIVE)
      set_target_properties(PkgConfig::CRAMFS_XIP_FUSE3 PROPERTIES
        INTERFACE_LINK_LIBRARIES "${CRAMFS_XIP_FUSE3_STATIC_LDFLAGS}")
    else()
      set(CRAMFS_XIP_WITH_FUSE OFF)
    endif()
  endif()
  if(NOT CRAMFS_XIP_WITH_FUSE AND NOT CRAMFS_XIP_FUSE STREQUAL AUTO)
    message(FATAL_ERROR "libfuse 3 is missing: install the package libfuse3-dev (or configure with -DCRAMFS_XIP_FUSE=OFF)")
  elseif(NOT CRAMFS_XIP_WITH_FUSE AND CRAMFS_XIP_TOP_LEVEL)
    message(STATUS "cramfs-fuse is left out: libfuse 3 is missing (package libfuse3-dev)")
  endif()
endif()

# What users of the static library need, too: as targets; as pkg-config modules, and libraries that have
# none.
set(NEEDED_TARGETS ZLIB LIBARCHIVE LIBELF JSONC NETTLE)
if(CRAMFS_XIP_LIBDEFLATE)
  list(APPEND NEEDED_TARGETS LIBDEFLATE)
endif()
list(TRANSFORM NEEDED_TARGETS PREPEND PkgConfig::CRAMFS_XIP_)
set(NEEDED_MODULES zlib libarchive libelf json-c nettle)
set(NEEDED_LIBRARIES)
if(CRAMFS_XIP_LIBDEFLATE AND CRAMFS_XIP_LIBDEFLATE_FOUND)
  list(APPEND NEEDED_MODULES libdeflate)
elseif(CRAMFS_XIP_LIBDEFLATE)
  set(NEEDED_LIBRARIES deflate)
endif()
if(CRAMFS_XIP_WITH_ZOPFLI)
  list(APPEND NEEDED_TARGETS PkgConfig::CRAMFS_XIP_ZOPFLI)
  list(APPEND NEEDED_LIBRARIES zopfli m)
endif()

if(CRAMFS_XIP_STATIC)
  include(cmake/Static.cmake)
endif()

# argp is in glibc. For other C libraries it is a library of its own. Only the programs need it.
include(CheckFunctionExists)
check_function_exists(argp_parse CRAMFS_XIP_ARGP)
add_library(cramfs-xip-argp INTERFACE)
if(NOT CRAMFS_XIP_ARGP)
  find_path(CRAMFS_XIP_ARGP_INCLUDE argp.h)
  find_library(CRAMFS_XIP_ARGP_LIBRARY NAMES argp)
  if(NOT CRAMFS_XIP_ARGP_INCLUDE OR NOT CRAMFS_XIP_ARGP_LIBRARY)
    message(FATAL_ERROR "the C library has no argp, and there is no libargp: install the package "
                        "argp-standalone, or build with glibc")
  endif()
  target_include_directories(cramfs-xip-argp INTERFACE ${CRAMFS_XIP_ARGP_INCLUDE})
  target_link_libraries(cramfs-xip-argp INTERFACE ${CRAMFS_XIP_ARGP_LIBRARY})
endif()

if(CRAMFS_XIP_TESTING)
  cramfs_xip_require(CMOCKA cmocka libcmocka-dev "or configure with -DBUILD_TESTING=OFF")
  include(CheckLanguage)
  check_language(CXX)
  if(NOT CMAKE_CXX_COMPILER)
    message(FATAL_ERROR "a C++ compiler is missing, with which the headers are tested: install the "
                        "package g++, or configure with -DBUILD_TESTING=OFF")
  endif()
  # Debian's own python3 comes first: the one that has Debian's pytest.
  find_program(CRAMFS_XIP_PYTHON NAMES /usr/bin/python3 python3)
  if(NOT CRAMFS_XIP_PYTHON)
    message(FATAL_ERROR "python3 is missing: install the packages python3 and python3-pytest")
  endif()
  execute_process(COMMAND ${CRAMFS_XIP_PYTHON} -c "import pytest" RESULT_VARIABLE PYTEST_MISSING
                  ERROR_QUIET)
  if(PYTEST_MISSING)
    message(FATAL_ERROR "${CRAMFS_XIP_PYTHON} has no pytest: install the package python3-pytest, "
                        "or configure with -DBUILD_TESTING=OFF")
  endif()
endif()
