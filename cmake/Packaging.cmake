# Install rules. Package definitions are made from these components.
include(GNUInstallDirs)
if(NOPORTS_PROGRAMS)
  install(TARGETS ${NOPORTS_PROGRAMS} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
