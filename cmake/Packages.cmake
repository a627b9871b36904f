# The source tarball: cpack --config CPackSourceConfig.cmake. Debian packages are made by debian/.

set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_VENDOR ${PROJECT_NAME})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)

# The tarball has what the repository has. The top folder alone has build trees.
foreach(folder SOURCE BINARY)
  string(REGEX REPLACE "([][.*+?^$()|\\\\])" "\\\\\\1" ${folder} "${PROJECT_${folder}_DIR}")
endforeach()
set(CPACK_SOURCE_IGNORE_FILES "^${SOURCE}/\\.git(/|$)" "^${SOURCE}/(build|obj-)[^/]*/" "^${BINARY}/"
  "/__pycache__/" "/\\.pytest_cache/"
  "^${SOURCE}/debian/(\\.debhelper|tmp|cramfs-xip|cramfs-fuse|libcramfs-xip[^/.]*(\\.[0-9]+)?)/"
  "^${SOURCE}/debian/(files|[^/]*\\.debhelper(\\.log)?|[^/]*\\.substvars|[^/]*-stamp)$")
set(CPACK_GENERATOR TXZ)
set(CPACK_SOURCE_GENERATOR TXZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
include(CPack)
