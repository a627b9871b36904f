# Every library that the project stands on, each with the Debian package that brings it.

find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "pkg-config is missing: install the package pkg-config")
endif()
find_package(Threads REQUIRED)

# require(TARGET pkg-config-module debian-package)
function(require target module package)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} is missing: install the package ${package} (${ARGN})")
  endif()
endfunction()

require(ZLIB zlib zlib1g-dev "or the zlib of your system")
require(LIBARCHIVE libarchive libarchive-dev "or libarchive")
require(LIBELF libelf libelf-dev "or elfutils")
require(JSONC json-c libjson-c-dev "or json-c")

if(CRAMFS_XIP_LIBDEFLATE)
  # libdeflate came to have a pkg-config file only in 1.9; Debian's has none before that.
  pkg_check_modules(LIBDEFLATE QUIET IMPORTED_TARGET libdeflate)
  if(NOT LIBDEFLATE_FOUND)
    find_path(LIBDEFLATE_INCLUDE libdeflate.h)
    find_library(LIBDEFLATE_LIBRARY deflate)
    if(NOT LIBDEFLATE_INCLUDE OR NOT LIBDEFLATE_LIBRARY)
      message(FATAL_ERROR "libdeflate is missing: install the package libdeflate-dev, "
                          "or build without it: -DCRAMFS_XIP_LIBDEFLATE=OFF")
    endif()
    add_library(PkgConfig::LIBDEFLATE INTERFACE IMPORTED)
    set_target_properties(PkgConfig::LIBDEFLATE PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${LIBDEFLATE_INCLUDE}"
      INTERFACE_LINK_LIBRARIES "${LIBDEFLATE_LIBRARY}")
  endif()
endif()

# What users of the static library need, too: pkg-config modules, and libraries that have none.
set(NEEDED_MODULES zlib libarchive libelf json-c)
set(NEEDED_LIBRARIES)
if(CRAMFS_XIP_LIBDEFLATE AND LIBDEFLATE_FOUND)
  list(APPEND NEEDED_MODULES libdeflate)
elseif(CRAMFS_XIP_LIBDEFLATE)
  set(NEEDED_LIBRARIES deflate)
endif()

include(CheckFunctionExists)
check_function_exists(argp_parse CRAMFS_XIP_ARGP)
if(NOT CRAMFS_XIP_ARGP)
  message(FATAL_ERROR "the C library has no argp: build with glibc (package libc6-dev)")
endif()

if(BUILD_TESTING)
  require(CMOCKA cmocka libcmocka-dev "or configure with -DBUILD_TESTING=OFF")
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
