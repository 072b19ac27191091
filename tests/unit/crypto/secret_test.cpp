// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/secret.hpp"

#include <catch2/catch.hpp>
#include <type_traits>

using namespace noports::crypto;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST_CASE("a secret holds its bytes", "[crypto][secret]") {
  const Secret secret(std::string_view("key\0tail", 8));
  CHECK(secret.size() == 8);
  CHECK(secret.text() == std::string_view("key\0tail", 8));
  CHECK(secret.copy().text() == secret.text());
}

TEST_CASE("a new secret of a size is zeros", "[crypto][secret]") {
  const Secret secret(std::size_t{4});
  CHECK(secret.text() == std::string_view("\0\0\0\0", 4));
  CHECK(Secret().empty());
  CHECK(Secret(std::string_view()).text().empty());
}

TEST_CASE("a secret that was moved from is empty", "[crypto][secret]") {
  Secret first(std::string_view("one"));
  Secret second(std::move(first));
  CHECK(first.empty());
  CHECK(second.text() == "one");
  second = Secret(std::string_view("two"));
  CHECK(second.text() == "two");
  auto& itself = second;
  second = std::move(itself);
  CHECK(second.text() == "two");
}

TEST_CASE("what is cut off a secret is wiped", "[crypto][secret]") {
  Secret secret(std::string_view("abcdef"));
  const char* bytes = secret.text().data();
  secret.truncate(2);
  CHECK(secret.text() == "ab");
  CHECK(std::string_view(bytes + 2, 4) == std::string_view("\0\0\0\0", 4));
}

TEST_CASE("equal compares lengths and every byte", "[crypto][secret]") {
  CHECK(equal("", ""));
  CHECK(equal("same", "same"));
  CHECK_FALSE(equal("same", "samE"));
  CHECK_FALSE(equal("same", "sam"));
  CHECK_FALSE(equal(Secret(std::string_view("a")).bytes(), Secret().bytes()));
}

TEST_CASE("a wiped text has lost what it was longer before, too", "[crypto][secret]") {
  std::string text(100, 'x');
  text.resize(3);
  const char* bytes = text.data();
  wipe(text);
  CHECK(text.empty());
  text.resize(100, '.');
  CHECK(text.data() == bytes);
  text.assign(50, 'y');
  wipe(std::as_writable_bytes(std::span(text)));
  CHECK(text == std::string(50, '\0'));
}
