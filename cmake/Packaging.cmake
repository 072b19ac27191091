# Install rules, and an archive of what they install.
include(GNUInstallDirs)
if(NOPORTS_PROGRAMS)
  install(TARGETS ${NOPORTS_PROGRAMS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  foreach(program ${NOPORTS_PROGRAMS})
    # Both come from the program's own table of options.
    install(FILES ${CMAKE_SOURCE_DIR}/docs/man/${program}.1
            DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    add_custom_command(OUTPUT completions/${program}
      COMMAND ${CMAKE_COMMAND} -E make_directory completions
      COMMAND $<TARGET_FILE:${program}> --completion > completions/${program}
      DEPENDS ${program} VERBATIM)
    list(APPEND completions ${CMAKE_CURRENT_BINARY_DIR}/completions/${program})
  endforeach()
  add_custom_target(completions ALL DEPENDS ${completions})
  install(FILES ${completions}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(DIRECTORY systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN "*.service")
  install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

set(CPACK_PACKAGE_NAME noports)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES ON)
include(CPack)
