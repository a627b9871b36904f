# Run by cpack on what goes into the packages: adds what Debian wants in each of them, and compresses
# what it wants compressed.

if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()

function(compress)
  execute_process(COMMAND gzip -9n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The date of the change, so that the clock does not get into the package.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  file(TIMESTAMP ${CPACK_CRAMFS_XIP_SOURCE}/CHANGELOG.md SOURCE_DATE "%s" UTC)
  set(ENV{SOURCE_DATE_EPOCH} ${SOURCE_DATE})
endif()
string(TIMESTAMP DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} COMPONENT)
  set(package ${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
  set(doc ${share}/doc/${package})

  configure_file(${CPACK_CRAMFS_XIP_SOURCE}/LICENSE ${doc}/copyright COPYONLY)
  configure_file(${CPACK_CRAMFS_XIP_SOURCE}/CHANGELOG.md ${doc}/changelog COPYONLY)
  file(WRITE ${doc}/changelog.Debian
"cramfs-xip (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) UNRELEASED; urgency=medium

  * As cpack makes it of the source; changelog.gz says what is new in that.

 -- ${CPACK_PACKAGE_CONTACT}  ${DATE}
")
  file(GLOB pages ${share}/man/man*/*)
  compress(${doc}/changelog ${doc}/changelog.Debian ${pages})
endforeach()

file(GLOB examples ${CPACK_CRAMFS_XIP_SOURCE}/examples/*.c)
file(COPY ${examples} ${CPACK_CRAMFS_XIP_SOURCE}/examples/CMakeLists.txt
     DESTINATION ${CPACK_TEMPORARY_DIRECTORY}/development/usr/share/doc/libcramfs-xip-dev/examples)
