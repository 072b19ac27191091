// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/aes.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::crypto;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// `size` bytes that count up from `first`: the keys and IVs of noports-wire.md 19.
std::string counting(int first, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(first + static_cast<int>(i));
  return text;
}

CtrStream stream(std::string_view key, std::string_view iv) {
  return CtrStream::make(bytes_of(key), bytes_of(iv)).value();
}

std::string applied(CtrStream& on, std::string text) {
  on.apply(std::as_writable_bytes(std::span(text)));
  return text;
}

const std::string kKey = counting(0, 32);
const std::string kIv = counting(0, 16);

}  // namespace

// noports-wire.md 19.2
TEST_CASE("the key stream is AES-256-CTR", "[crypto][aes][vectors]") {
  auto plain = stream(kKey, kIv);
  CHECK(hex(applied(plain, std::string(96, '\0'))) ==
        "5a6e045708fb7196f02e553d02c3a69260f310d5c385585d5516fb5172e520cf1c65775b3ac5cca4bbe10ba5e5"
        "11c79296cb07722890a7ef69405d10f964ed5d0e4b222ef84d092accadc47994c7823eef72820303ce6542f40e"
        "54f388595410");
  auto wrap = stream(kKey, std::string(16, '\xff'));
  CHECK(hex(applied(wrap, std::string(32, '\0'))) ==
        "e999e41d4ca770da5387117b5d8f57eef29000b62a499fd0a9f39a6add2e7780");
  auto carry = stream(kKey, std::string(8, '\0') + std::string(8, '\xff'));
  CHECK(hex(applied(carry, std::string(32, '\0'))) ==
        "a6fbdb5cfde07d1b58fd362177bcffdf511dd5ef9a682b7da49f91c86c4f7ac3");
}

// noports-wire.md 19.2
TEST_CASE("the position goes on from line to line", "[crypto][aes][vectors]") {
  auto control = stream(kKey, kIv);
  CHECK(hex(applied(control,
                    "connect:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=:"
                    "EBESExQVFhcYGRobHB0eHw==\n")) ==
        "39016a396d9805acb96d10544bbaf7fe2a9a73ba88d6372f1955cb243e9f61b7510f3a6b74919597f4a56093aa"
        "6bb0abc6a13f4f12d5e5aa3a052541af22853e570c70419a054b1aa9e5b344a9cd");
  CHECK(hex(applied(control,
                    "connect:QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=:"
                    "MDEyMzQ1Njc4OTo7PD0+Pw==\n")) ==
        "e151811ce76077f43407b24d05c3da1f067b05523ed0454ac0bfb929fff6c09564b8a338c0008097d7b5cbcbd4"
        "4d2994148254f5bf2f780c64854fe0b4783e62cd6590e1fcf3045c2c31527be362");
  auto data = stream(counting(0x20, 32), counting(0x10, 16));
  CHECK(hex(applied(data, "SSH-2.0-test\r\n")) == "230fca2305310e2867227e12d142");
}

TEST_CASE("a stream does not care how its bytes are cut", "[crypto][aes]") {
  const std::string text = counting(7, 1000);
  auto whole = stream(kKey, kIv);
  const auto expected = applied(whole, text);
  const auto cut = GENERATE(as<std::size_t>{}, 0, 1, 3, 15, 16, 17, 31, 33, 999);
  CAPTURE(cut);
  auto pieces = stream(kKey, kIv);
  std::string sealed;
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(cut, 1)) {
    sealed += applied(pieces, "");
    sealed += applied(pieces, text.substr(at, std::max<std::size_t>(cut, 1)));
  }
  CHECK(sealed == expected);
  auto back = stream(kKey, kIv);
  CHECK(applied(back, sealed) == text);
}

TEST_CASE("a stream that is moved keeps its position", "[crypto][aes]") {
  auto one = stream(kKey, kIv);
  const auto expected = applied(one, std::string(50, 'x'));
  auto first = stream(kKey, kIv);
  auto sealed = applied(first, std::string(20, 'x'));
  auto second = std::move(first);
  CHECK(sealed + applied(second, std::string(30, 'x')) == expected);
}

// vectors/aes.json of keys-and-enrollment.md 6
TEST_CASE("values are padded and encrypted as everybody does it", "[crypto][aes][vectors]") {
  const auto good = test::vectors("aes.json")["vectors"];
  REQUIRE(good.size() == 13);
  for (const auto& vector : good) {
    CAPTURE(vector["name"]);
    const auto key = base64_decode_secret(vector["keyB64"].get<std::string>());
    const auto iv = vector["ivB64"].is_null()
                        ? std::string(kZeroIv)
                        : base64_decode(vector["ivB64"].get<std::string>()).value();
    const auto sealed = base64_decode(vector["ciphertextB64"].get<std::string>());
    const auto opened = decrypt_value(key->bytes(), iv, *sealed);
    REQUIRE(opened);
    CHECK(hex(opened->text()) == vector["plaintextHex"].get<std::string>());
    CHECK(encrypt_value(key->bytes(), iv, opened->text()).value() == *sealed);
  }
}

// noports-wire.md 19.2
TEST_CASE("the value of a notification", "[crypto][aes][vectors]") {
  CHECK(base64(encrypt_value(bytes_of(kKey), kIv, "ping").value()) == "KgdqMAT3fZr8IlkxDs+qng==");
}

// vectors/aes.json of keys-and-enrollment.md 6
TEST_CASE("a value with wrong length or padding is one and the same error",
          "[crypto][aes][vectors][hostile]") {
  const auto bad = test::vectors("aes.json")["mustFail"];
  const auto key = base64_decode_secret(bad["keyB64"].get<std::string>());
  const auto iv = base64_decode(bad["ivB64"].get<std::string>());
  for (const auto& vector : bad["vectors"]) {
    CAPTURE(vector["name"]);
    const auto sealed = base64_decode(vector["ciphertextB64"].get<std::string>());
    const auto opened = decrypt_value(key->bytes(), *iv, *sealed);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == Errc::bad_syntax);
    CHECK(opened.error().what() == "cannot be decrypted");
  }
}

TEST_CASE("only one padding is right for each last byte", "[crypto][aes][hostile]") {
  for (int length = 0; length < 256; ++length) {
    std::string text(32 - static_cast<std::size_t>(std::min(length, 32)), 'x');
    text.resize(32, static_cast<char>(length));
    text.back() = static_cast<char>(length);
    auto sealer = stream(kKey, kIv);
    const auto opened = decrypt_value(bytes_of(kKey), kIv, applied(sealer, text));
    CAPTURE(length);
    CHECK(opened.has_value() == (length >= 1 && length <= 16));
  }
  for (std::size_t wrong = 16; wrong < 31; ++wrong) {  // one byte of a full block of padding
    std::string text(16, 'x');
    text.resize(32, '\x10');
    text[wrong] = '\x0f';
    auto sealer = stream(kKey, kIv);
    CHECK_FALSE(decrypt_value(bytes_of(kKey), kIv, applied(sealer, text)));
  }
}

TEST_CASE("keys and IVs of other sizes are refused", "[crypto][aes][hostile]") {
  const auto size = GENERATE(as<std::size_t>{}, 0, 15, 16, 24, 31, 33);
  CAPTURE(size);
  const auto key = counting(0, size);
  CHECK(CtrStream::make(bytes_of(key), bytes_of(kIv)).error().code() == Errc::config);
  CHECK(encrypt_value(bytes_of(key), kIv, "x").error().code() == Errc::config);
  CHECK(decrypt_value(bytes_of(key), kIv, std::string(16, 'x')).error().code() == Errc::config);
  if (size == 16) return;
  CHECK(CtrStream::make(bytes_of(kKey), bytes_of(key)).error().code() == Errc::config);
  if (size == 15) return;  // short IVs of values are extended with zeros
  CHECK(encrypt_value(bytes_of(kKey), key, "x").error().code() == Errc::config);
}
