// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/base64.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using namespace noports::crypto;

namespace {
// RFC 4648, 10
const std::pair<const char*, const char*> kPairs[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
}  // namespace

TEST_CASE("base64 has the forms of the RFC", "[crypto][base64][vectors]") {
  for (const auto& [bytes, text] : kPairs) {
    CHECK(base64(std::string_view(bytes)) == text);
    CHECK(base64_secret(std::as_bytes(std::span(std::string_view(bytes)))).text() == text);
    CHECK(base64_decode(text).value() == bytes);
    CHECK(base64_decode_secret(text).value().text() == bytes);
  }
}

TEST_CASE("base64 carries every byte", "[crypto][base64]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto part = bytes.substr(0, size);
    CHECK(base64_decode(base64(part)).value() == part);
  }
}

TEST_CASE("blanks behind base64 are tolerated", "[crypto][base64]") {
  CHECK(base64_decode("Zm8=\r\n").value() == "fo");
  CHECK(base64_decode_secret("Zm9v \t").value().text() == "foo");
  CHECK(base64_decode(" \n").value().empty());
}

TEST_CASE("no byte outside the alphabet is taken for one of it", "[crypto][base64][hostile]") {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("AA") + static_cast<char>(byte) + "A";
    CAPTURE(byte);
    CHECK(base64_decode(text).has_value() == (kAlphabet.find(text[2]) != kAlphabet.npos));
  }
}

TEST_CASE("what is not base64 is refused", "[crypto][base64][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "Zg", "Zg=", "Zg===", "Z", "=",
                             "====", "Zm9v=", "Zh==", "Zm9=", " Zg==", "Zm\n9v", "Zm-_", "Zm9v!",
                             "Zg==Zg==", std::string("Zm9v\0", 5), std::string("\0\0\0\0", 4),
                             "\xff\xfe\xfd\xfc");
  CAPTURE(text);
  const auto bytes = base64_decode(text);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().code() == Errc::bad_syntax);
  CHECK_FALSE(base64_decode_secret(text));
}
