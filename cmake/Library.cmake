# The library for other programs, made of all folders but cli: shared, and static.
#
# The programs are linked with the folders themselves: they run from wherever they are copied to,
# have no path to a library in them, and contain only the code that they use.

set(LAYERS base format codec tree-archive-stream tree xip pack-blocks pack-layout pack-budget pack-write
           pack-like pack read report)
list(TRANSFORM LAYERS PREPEND cramfs-xip-)
list(TRANSFORM LAYERS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE LAYER_OBJECTS)
set(LIBRARY_NEEDS Threads::Threads ${NEEDED_TARGETS})

# As an archive of many objects, the static library would have hundreds of plain names (`encode`,
# `resolve`) for a program to clash with. So it is one object, in which the symbols that the shared
# library hides are local.
if(CRAMFS_XIP_SANITIZE OR NOT CMAKE_OBJCOPY) # objects for sanitizers cannot be joined
  set(STATIC_OBJECT ${LAYER_OBJECTS})
else()
  set(STATIC_OBJECT ${CMAKE_CURRENT_BINARY_DIR}/cramfs-xip.o)
  separate_arguments(JOIN_FLAGS UNIX_COMMAND "${CMAKE_C_FLAGS}")
  if(CMAKE_C_COMPILER_TARGET)
    list(APPEND JOIN_FLAGS ${CMAKE_C_COMPILE_OPTIONS_TARGET}${CMAKE_C_COMPILER_TARGET})
  endif()
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    list(APPEND JOIN_FLAGS -flto)
  endif()
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    list(APPEND JOIN_FLAGS -flinker-output=nolto-rel) # objcopy cannot change objects of -flto
  endif()
  # On i386 each object has its own copy of small functions in section groups (__x86.get_pc_thunk.*).
  # The linker keeps one copy of a group. A caller of a local function in a dropped copy does not link:
  # so the groups end here, before objcopy makes their functions local.
  include(CheckCSourceCompiles)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,--force-group-allocation)
  check_c_source_compiles("int main(void) { return 0; }" CRAMFS_XIP_FORCE_GROUP_ALLOCATION)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(CRAMFS_XIP_FORCE_GROUP_ALLOCATION)
    list(APPEND JOIN_FLAGS -Wl,--force-group-allocation)
  endif()
  # Depend on the targets, not on their object files: make has a rule for an object only in the
  # Makefile of the target that compiles it.
  add_custom_command(OUTPUT ${STATIC_OBJECT}
    COMMAND ${CMAKE_C_COMPILER} ${JOIN_FLAGS} -r -nostdlib -o ${STATIC_OBJECT} ${LAYER_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${STATIC_OBJECT}
    DEPENDS ${LAYERS} COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties(${STATIC_OBJECT} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
endif()

# The static library, which is always made.
add_library(cramfs-xip-static STATIC ${STATIC_OBJECT})
set_target_properties(cramfs-xip-static PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME cramfs-xip
                                                   EXPORT_NAME static)
# An installed copy names its dependencies by one target, which its package config finds.
target_link_libraries(cramfs-xip-static INTERFACE "$<BUILD_INTERFACE:${LIBRARY_NEEDS}>"
  $<INSTALL_INTERFACE:Threads::Threads> $<INSTALL_INTERFACE:PkgConfig::CRAMFS_XIP_NEEDS>
  "$<INSTALL_INTERFACE:${NEEDED_LIBRARIES}>")
# The names that users of an installed copy use.
add_library(cramfs-xip::cramfs-xip ALIAS cramfs-xip-static)
add_library(cramfs-xip::static ALIAS cramfs-xip-static)
set(LIBRARIES cramfs-xip-static)

if(BUILD_SHARED_LIBS)
  add_library(cramfs-xip-shared SHARED ${LAYER_OBJECTS})
  set_target_properties(cramfs-xip-shared PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME cramfs-xip
    EXPORT_NAME shared VERSION ${PROJECT_VERSION} SOVERSION ${CRAMFS_XIP_ABI})
  target_link_libraries(cramfs-xip-shared PRIVATE cramfs-xip-flags ${LIBRARY_NEEDS})
  if(NOT CRAMFS_XIP_SANITIZE) # their symbols are only in programs
    target_link_options(cramfs-xip-shared PRIVATE -Wl,--no-undefined)
  endif()
  list(APPEND LIBRARIES cramfs-xip-shared)
  add_library(cramfs-xip::shared ALIAS cramfs-xip-shared)
endif()

foreach(library ${LIBRARIES})
  target_include_directories(${library} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
