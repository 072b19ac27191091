// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/digest.hpp"

#include <catch2/catch.hpp>

#include "support/vectors.hpp"

using namespace noports;
using namespace noports::crypto;

// FIPS 180-4 examples, RFC 1321 A.5
TEST_CASE("digests of the standards' examples", "[crypto][digest][vectors]") {
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha512("abc")) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  CHECK(hex(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
}

// vectors/auth.json of keys-and-enrollment.md 2.8
TEST_CASE("a CRAM digest is SHA-512 over secret and challenge", "[crypto][digest][vectors]") {
  const auto cram = test::vectors("auth.json")["cram"];
  const std::string digest =
      cram_digest(cram["secret"].get<std::string>(), cram["challenge"].get<std::string>());
  CHECK(digest == cram["digestHex"].get<std::string>());
  CHECK(digest == hex(sha512(cram["hashInput"].get<std::string>())));
}

TEST_CASE("hex is lower case and carries every byte", "[crypto][digest]") {
  CHECK(hex(std::string_view("\x00\x7f\x80\xff", 4)) == "007f80ff");
  CHECK(hex("").empty());
}
