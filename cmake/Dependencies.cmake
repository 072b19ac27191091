# Every third-party library, found here and nowhere else. docs/dependencies.md gives the reasons.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
# With OpenSSL underneath: its transfers are given our own trust as an SSL_CTX.
find_package(CURL 7.85 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(gcrypt REQUIRED IMPORTED_TARGET libgcrypt>=1.10)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(httplib REQUIRED cpp-httplib)

# asio is headers only; libnoports/asio.cpp compiles its implementation once.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(asio INTERFACE)
target_include_directories(asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
target_compile_definitions(asio INTERFACE
  ASIO_STANDALONE ASIO_SEPARATE_COMPILATION ASIO_NO_DEPRECATED
  # asio 1.22 finds this out by what was included before it, so that files would differ.
  ASIO_HAS_STD_ALIGNED_ALLOC=1)
target_link_libraries(asio INTERFACE Threads::Threads OpenSSL::SSL OpenSSL::Crypto)

if(NOPORTS_TESTS OR NOPORTS_BENCH)
  find_package(Catch2 2.13 REQUIRED)
endif()
