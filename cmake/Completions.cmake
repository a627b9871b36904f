# Completions are installed where each shell looks for those of programs.

foreach(program ${PROGRAMS})
  install(FILES completions/bash/${program} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
  install(FILES completions/zsh/_${program} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions)
  install(FILES completions/fish/${program}.fish DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
endforeach()
