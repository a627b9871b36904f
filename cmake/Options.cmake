# The options; and, as part of another project (add_subdirectory, FetchContent), the settings that
# are left to that project: CTest and CPack, the build type, whether libraries are shared, what is
# installed.

include(CMakeDependentOption)

set(CRAMFS_XIP_TOP_LEVEL OFF) # PROJECT_IS_TOP_LEVEL came with CMake 3.21
if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(CRAMFS_XIP_TOP_LEVEL ON)
  include(CTest)
  option(BUILD_SHARED_LIBS "Make the shared library, too (the static one always is)" ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
  endif()
endif()

# -static in the linker flags asks for static programs, too.
set(STATIC_BY_DEFAULT OFF)
if(" ${CMAKE_EXE_LINKER_FLAGS} " MATCHES " -static ")
  set(STATIC_BY_DEFAULT ON)
endif()

cmake_dependent_option(CRAMFS_XIP_TESTING "Build the tests" ${CRAMFS_XIP_TOP_LEVEL} BUILD_TESTING OFF)
option(CRAMFS_XIP_INSTALL "Install programs, manuals and the library" ${CRAMFS_XIP_TOP_LEVEL})
option(CRAMFS_XIP_STATIC "Make static programs, and no shared library" ${STATIC_BY_DEFAULT})
option(CRAMFS_XIP_LIBDEFLATE "Compress with libdeflate (zlib is always there)" ON)
set(CRAMFS_XIP_ZOPFLI AUTO CACHE STRING "Compress with zopfli, too: ON, OFF, or AUTO where libzopfli is there")
set_property(CACHE CRAMFS_XIP_ZOPFLI PROPERTY STRINGS AUTO ON OFF)
set(CRAMFS_XIP_FUSE AUTO CACHE STRING "Make cramfs-fuse, with libfuse 3: ON, OFF, or AUTO where libfuse is there")
set_property(CACHE CRAMFS_XIP_FUSE PROPERTY STRINGS AUTO ON OFF)
option(CRAMFS_XIP_OLD_NAMES
  "Install links with the names that util-linux, cramfs-tools and others own: mkfs.cramfs and so on" OFF)
option(CRAMFS_XIP_WERROR "Treat warnings as errors" OFF)
option(CRAMFS_XIP_KERNEL_TESTS "Test against a real kernel under QEMU" OFF)
option(CRAMFS_XIP_ALL_KERNELS "With the kernel tests: on kernels too that are not built for each run" OFF)
option(CRAMFS_XIP_PACKAGE_TESTS
  "Test the source tarball, and the Debian packages in a tree that debootstrap makes" OFF)
option(CRAMFS_XIP_VALGRIND "Replay the fuzz corpora and damaged archives under valgrind, too" OFF)
set(CRAMFS_XIP_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

if(CRAMFS_XIP_STATIC)
  set(BUILD_SHARED_LIBS OFF)
endif()
