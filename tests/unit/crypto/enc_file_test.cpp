// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/enc_file.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace noports;

namespace {

// cli-and-packaging.md 4.11
std::string file() {
  const std::string hex = "53616c7465645f5f0001020304050607e256f8442b709134fc73e2e467cea077";
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

TEST_CASE("a file of openssl enc opens with its password", "[crypto][vectors]") {
  const auto plain = crypto::open_enc_file(file(), crypto::Secret("helloworld12345!"));
  REQUIRE(plain);
  CHECK(plain->text() == "{\"demo\":\"keys\"}");
}

TEST_CASE("a wrong password and a cut file of openssl enc are refused", "[crypto][hostile]") {
  CHECK(crypto::open_enc_file(file(), crypto::Secret("wrong")).error().code() == Errc::config);
  const crypto::Secret password("helloworld12345!");
  for (const std::size_t size : {0u, 8u, 16u, 31u}) {
    CHECK(crypto::open_enc_file(file().substr(0, size), password).error().code() ==
          Errc::bad_syntax);
  }
  // What OpenSSL writes with an explicit salt, without the head.
  CHECK_FALSE(crypto::open_enc_file(file().substr(16), password));
}
