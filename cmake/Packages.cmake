# What cpack makes: in a build tree that was configured with -DCMAKE_INSTALL_PREFIX=/usr Debian packages,
# one a component; with --config CPackSourceConfig.cmake the source tarball.

set(CRAMFS_XIP_MAINTAINER "nobody (a local build) <nobody@localhost.invalid>" CACHE STRING
  "Who answers for the Debian packages: name and address")

set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_CONTACT ${CRAMFS_XIP_MAINTAINER})
set(CPACK_PACKAGE_VENDOR ${PROJECT_NAME})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL programs development)
if(BUILD_SHARED_LIBS)
  list(APPEND CPACK_COMPONENTS_ALL library)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each component's own begins with it
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian/Files.cmake)
set(CPACK_CRAMFS_XIP_SOURCE ${PROJECT_SOURCE_DIR})

set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME cramfs-xip)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAMS_DESCRIPTION "tools for cramfs images whose programs execute in place
mkcramfs-xip builds images from which a kernel maps programs straight out of
NOR flash or ROM, which saves the RAM. cramfsck checks and extracts any cramfs
image and reports which pages will be mapped, and why not; cramfs-dump lists,
compares and maps images.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libcramfs-xip${CRAMFS_XIP_ABI})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "library for cramfs images whose programs execute in place
The library under mkcramfs-xip, cramfsck and cramfs-dump, which builds, checks
and reads cramfs images, for programs of one's own. (Those three have it in
themselves and do not need this package.)")

# Without a .pc file of each, pkg-config does not find the library either.
set(DEVELOPMENT_NEEDS zlib1g-dev libarchive-dev libelf-dev libjson-c-dev)
if(CRAMFS_XIP_LIBDEFLATE)
  list(APPEND DEVELOPMENT_NEEDS libdeflate-dev)
endif()
if(BUILD_SHARED_LIBS)
  list(APPEND DEVELOPMENT_NEEDS "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} (= ${PROJECT_VERSION}-1)")
endif()
list(JOIN DEVELOPMENT_NEEDS ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcramfs-xip-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "headers and static library for cramfs images that execute in place
What programs are compiled with that build, check or read cramfs images by
libcramfs-xip: headers, the static library, files for pkg-config and CMake,
and examples.")

# The tarball has what the repository has. A build tree is ignored in the top folder only:
# a folder of that name below it is none.
foreach(folder SOURCE BINARY)
  string(REGEX REPLACE "([][.*+?^$()|\\\\])" "\\\\\\1" ${folder} "${PROJECT_${folder}_DIR}")
endforeach()
set(CPACK_SOURCE_IGNORE_FILES "^${SOURCE}/\\.git/" "^${SOURCE}/build[^/]*/" "^${BINARY}/"
  "/__pycache__/" "/\\.pytest_cache/")
set(CPACK_SOURCE_GENERATOR TXZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
include(CPack)
