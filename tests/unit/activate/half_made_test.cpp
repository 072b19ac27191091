// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/half_made.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "noports/keys/keyfile.hpp"
#include "support/temp_folder.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::activate;

namespace {

at::Atsign alice() { return *at::Atsign::parse("@alice"); }

HalfMade some() {
  const auto keys = *keys::decode(test::vector_text("alice_key.dart.atKeys"));
  return HalfMade{alice(),
                  "noports",
                  "lab 1",
                  "a-b",
                  keys.encryption.public_key().text(),
                  keys.pkam,
                  keys.self_encryption.copy()};
}

}  // namespace

TEST_CASE("an unfinished enrolment is kept and found again", "[activate]") {
  test::TempFolder folder;
  const auto path = pending_path(folder.path() / "keys");
  CHECK(path.filename() == "keys.pending");
  REQUIRE(save(some(), path));
  REQUIRE(save(some(), path));  // over itself, with what is known by then
  struct ::stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto half = load_half_made(path, alice());
  if (!half) FAIL(half.error().what());
  CHECK(half->app_name == "noports");
  CHECK(half->device_name == "lab 1");
  CHECK(half->id == "a-b");
  CHECK(encode(*half).text() == encode(some()).text());
  CHECK(half->for_login().enrollment_id == "a-b");
  CHECK_FALSE(load_half_made(path, *at::Atsign::parse("@bob")));
  CHECK(load_half_made(folder.path() / "none", alice()).error().code() == Errc::not_set_up);
}

TEST_CASE("what is no unfinished enrolment is refused", "[activate][hostile]") {
  const auto whole = some();
  const std::string text(encode(whole).text());
  REQUIRE(decode_half_made(text));
  for (std::size_t size = 0; size < text.size(); size += 37) {
    CHECK_FALSE(decode_half_made(std::string_view(text).substr(0, size)));
  }
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return decode_half_made(changed);
  };
  CHECK_FALSE(with("enrolment 1", "enrolment 2"));
  CHECK_FALSE(with("@alice", "@@"));
  CHECK_FALSE(with("noports\n", "\n"));
  CHECK_FALSE(with("a-b", "a:b"));
  CHECK_FALSE(with("MII", "???"));
  CHECK_FALSE(decode_half_made(text + "more\n"));
}
