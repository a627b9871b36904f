# Flags of every target.

add_library(cramfs-xip-flags INTERFACE)
target_compile_definitions(cramfs-xip-flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64
  _TIME_BITS=64)
target_compile_options(cramfs-xip-flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wno-missing-field-initializers)
# The same bytes wherever it is built; but a debugger needs the real paths.
target_compile_options(cramfs-xip-flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${PROJECT_BINARY_DIR}=.>)
if(CRAMFS_XIP_WERROR)
  target_compile_options(cramfs-xip-flags INTERFACE -Werror)
endif()
if(CRAMFS_XIP_SANITIZE)
  target_compile_options(cramfs-xip-flags INTERFACE -fsanitize=${CRAMFS_XIP_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cramfs-xip-flags INTERFACE -fsanitize=${CRAMFS_XIP_SANITIZE})
endif()
