# Static programs: the dependencies of the libraries must be named, too. pkg-config --static knows
# them, with two gaps. A library may name another one as -lNAME instead of as a module (Debian's
# libarchive does so with libxml2); then the dependencies of that one are not known. And the order
# is only right within a module.

# cramfs_xip_static_flags(RESULT modules...): the linker's arguments for these modules.
function(cramfs_xip_static_flags result)
  pkg_check_modules(CRAMFS_XIP_NEEDS QUIET ${ARGN})
  set(flags ${CRAMFS_XIP_NEEDS_STATIC_LDFLAGS})
  set(found)
  foreach(flag ${flags})
    if(flag MATCHES "^-l(.+)$")
      string(REGEX REPLACE "^xml2$" "xml-2.0" name ${CMAKE_MATCH_1})
      pkg_search_module(CRAMFS_XIP_STATIC_${name} QUIET lib${name} ${name})
      list(APPEND found ${CRAMFS_XIP_STATIC_${name}_STATIC_LDFLAGS})
    endif()
  endforeach()
  set(others ${NEEDED_LIBRARIES})
  list(TRANSFORM others PREPEND -l)
  list(APPEND flags ${found} ${others})
  list(REMOVE_DUPLICATES flags)
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# cramfs_xip_static_try(FLAGS): whether a program that uses the most of each library links.
# The first symbol that the linker missed is in STATIC_MISSES.
function(cramfs_xip_static_try flags)
  set(source ${CMAKE_CURRENT_BINARY_DIR}${CMAKE_FILES_DIRECTORY}/cramfs_xip_static.c)
  file(WRITE ${source} "
    char archive_read_support_format_all(void), archive_read_support_filter_all(void), elf_begin(void);
    char json_object_new_object(void), inflate(void), nettle_sha256_init(void);
    int main(void)
    {
      return archive_read_support_format_all() + archive_read_support_filter_all() + elf_begin() +
             json_object_new_object() + inflate() + nettle_sha256_init();
    }")
  unset(CRAMFS_XIP_STATIC_LINKS CACHE)
  try_compile(CRAMFS_XIP_STATIC_LINKS ${CMAKE_CURRENT_BINARY_DIR}/static SOURCES ${source}
              LINK_OPTIONS -static LINK_LIBRARIES ${flags} Threads::Threads OUTPUT_VARIABLE said)
  string(REGEX MATCH "undefined reference to [^\n]+|cannot find [^\n]+" misses "${said}")
  set(STATIC_MISSES "${misses}" PARENT_SCOPE)
endfunction()

cramfs_xip_static_flags(STATIC_FLAGS ${NEEDED_MODULES})
foreach(and "" " -lstdc++") # ICU is C++, but its module does not say so
  list(JOIN STATIC_FLAGS " " STATIC_GROUP)
  set(STATIC_GROUP "-Wl,--start-group ${STATIC_GROUP}${and} -Wl,--end-group")
  cramfs_xip_static_try(${STATIC_GROUP})
  if(CRAMFS_XIP_STATIC_LINKS)
    break()
  endif()
endforeach()
if(NOT CRAMFS_XIP_STATIC_LINKS)
  message(FATAL_ERROR "no static program can be linked with ${STATIC_GROUP} (${STATIC_MISSES}): install the static libraries "
                      "(lib*.a) of all of these, or configure without -DCRAMFS_XIP_STATIC=ON and -static")
endif()
# One group for all: the order does not matter, and each library is linked once.
foreach(module ${NEEDED_TARGETS})
  set_target_properties(${module} PROPERTIES INTERFACE_LINK_LIBRARIES "${STATIC_GROUP}")
endforeach()
