# Completions go where each shell looks for those that programs bring.

install(DIRECTORY completions/bash/ DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
install(DIRECTORY completions/zsh/ DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions)
install(DIRECTORY completions/fish/ DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
