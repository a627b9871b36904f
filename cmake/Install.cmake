# What is installed where, in three components as in distributions: `programs` with everything for
# them, `library` (the shared one), `development`.

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME programs)
set(PROGRAMS mkcramfs-xip cramfsck cramfs-dump)
if(CRAMFS_XIP_WITH_FUSE)
  list(APPEND PROGRAMS cramfs-fuse)
endif()
install(TARGETS ${PROGRAMS} DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(program ${PROGRAMS})
  install(FILES man/${program}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endforeach()
install(FILES man/libcramfs-xip.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT development)
install(FILES man/cramfs-xip.5 man/cramfs-xip-rules.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(DIRECTORY schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/cramfs-xip) # of the JSON documents
include(cmake/Completions.cmake)

install(DIRECTORY include/cramfs DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN *.h)
install(TARGETS cramfs-xip-static EXPORT cramfs-xip-static
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
if(BUILD_SHARED_LIBS)
  install(TARGETS cramfs-xip-shared EXPORT cramfs-xip-shared
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
                  NAMELINK_COMPONENT development)
endif()

# For CMake: find_package(cramfs-xip).
include(CMakePackageConfigHelpers)
list(JOIN NEEDED_MODULES " " PC_REQUIRES)
set(CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/cramfs-xip)
configure_package_config_file(cmake/cramfs-xip-config.cmake.in cramfs-xip-config.cmake
  INSTALL_DESTINATION ${CONFIG_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(cramfs-xip-config-version.cmake
  COMPATIBILITY ${CRAMFS_XIP_COMPATIBILITY})
install(FILES ${PROJECT_BINARY_DIR}/cramfs-xip-config.cmake
              ${PROJECT_BINARY_DIR}/cramfs-xip-config-version.cmake
        DESTINATION ${CONFIG_DIR} COMPONENT development)
foreach(library static shared)
  if(TARGET cramfs-xip-${library})
    install(EXPORT cramfs-xip-${library} NAMESPACE cramfs-xip::
            DESTINATION ${CONFIG_DIR} COMPONENT development)
  endif()
endforeach()

# For pkg-config. Without a shared library, users always need the dependencies of the static one.
list(TRANSFORM NEEDED_LIBRARIES PREPEND " -l" OUTPUT_VARIABLE PC_LIBS)
list(JOIN PC_LIBS "" PC_LIBS)
string(PREPEND PC_LIBS " -pthread")
if(BUILD_SHARED_LIBS)
  set(PC_PRIVATE .private)
  set(PC_LIBS_PRIVATE ${PC_LIBS})
  set(PC_LIBS)
endif()
foreach(folder INCLUDEDIR LIBDIR)
  if(IS_ABSOLUTE ${CMAKE_INSTALL_${folder}})
    set(PC_${folder} ${CMAKE_INSTALL_${folder}})
  else()
    set(PC_${folder} "\${prefix}/${CMAKE_INSTALL_${folder}}")
  endif()
endforeach()
# The prefix is known only at installation: `cmake --install --prefix` can name another one. It is
# not derived from the place of the file (${pcfiledir}), since pkg-config would put the sysroot
# before a path that already has it.
set(PC_PREFIX @PC_PREFIX@)
configure_file(cmake/cramfs-xip.pc.in cramfs-xip.pc.in @ONLY)
install(CODE "
  set(PC_PREFIX \${CMAKE_INSTALL_PREFIX})
  set(PC_FILE \"${CMAKE_INSTALL_LIBDIR}/pkgconfig/cramfs-xip.pc\")
  get_filename_component(PC_FILE \${PC_FILE} ABSOLUTE BASE_DIR \${CMAKE_INSTALL_PREFIX})
  configure_file(\"${PROJECT_BINARY_DIR}/cramfs-xip.pc.in\" \"\$ENV{DESTDIR}\${PC_FILE}\" @ONLY)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \${PC_FILE})
" COMPONENT development)
