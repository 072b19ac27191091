# NOPORTS_SANITIZE=address,undefined | thread
if(NOPORTS_SANITIZE)
  add_compile_options(-fsanitize=${NOPORTS_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NOPORTS_SANITIZE})
  if(NOPORTS_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # g++ only notes that it does not model asio's memory fences
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Between a sanitizer's checks g++ 12 loses sight of what std::optional's flag says.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND NOPORTS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=function)  # clang 14 cannot assemble it for coroutines
  endif()
endif()
if(NOPORTS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
