# noports_warnings: link it to each of our targets. Third party headers are SYSTEM and stay silent.
add_library(noports_warnings INTERFACE)
target_compile_options(noports_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 -O2 reports a false overlap for "text" + std::string.
  target_compile_options(noports_warnings INTERFACE -Wno-restrict)
  # With optimization it takes asio's operator delete of coroutine frames for a foreign one.
  target_compile_options(noports_warnings INTERFACE -Wno-mismatched-new-delete)
endif()
if(NOPORTS_WERROR)
  target_compile_options(noports_warnings INTERFACE -Werror)
endif()
