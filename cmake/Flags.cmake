# Flags of every target.

add_library(flags INTERFACE)
target_compile_definitions(flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wno-missing-field-initializers)
if(CRAMFS_XIP_WERROR)
  target_compile_options(flags INTERFACE -Werror)
endif()
if(CRAMFS_XIP_SANITIZE)
  target_compile_options(flags INTERFACE -fsanitize=${CRAMFS_XIP_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(flags INTERFACE -fsanitize=${CRAMFS_XIP_SANITIZE})
endif()
