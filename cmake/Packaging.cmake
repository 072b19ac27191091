# Install rules, and an archive of what they install.
include(GNUInstallDirs)
if(NOPORTS_PROGRAMS)
  install(TARGETS ${NOPORTS_PROGRAMS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  foreach(program ${NOPORTS_PROGRAMS})
    # Both come from the program's own table of options.
    install(FILES ${CMAKE_SOURCE_DIR}/docs/man/${program}.1
            DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    # Under the names by which the three shells look for them.
    foreach(script bash/${program} zsh/_${program} fish/${program}.fish)
      get_filename_component(shell ${script} DIRECTORY)
      add_custom_command(OUTPUT completions/${script}
        COMMAND ${CMAKE_COMMAND} -E make_directory completions/${shell}
        COMMAND $<TARGET_FILE:${program}> --completion ${shell} > completions/${script}
        DEPENDS ${program} VERBATIM)
      list(APPEND completions ${CMAKE_CURRENT_BINARY_DIR}/completions/${script})
    endforeach()
  endforeach()
  add_custom_target(completions ALL DEPENDS ${completions})
  install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/completions/bash/
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/completions/zsh/
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/completions/fish/
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(DIRECTORY systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN "*.service")
  install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

set(CPACK_PACKAGE_NAME noports)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES ON)
include(CPack)
