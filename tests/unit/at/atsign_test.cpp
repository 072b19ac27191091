// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/atsign.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace noports;
using at::Atsign;

struct Case {
  std::string typed, meant;
};

TEST_CASE("an atSign is lower-cased, gets its '@' and loses its dots", "[at][atsign][vectors]") {
  // cli-and-packaging.md 1.2, "atSign arguments"
  const auto [typed, meant] = GENERATE(values<Case>({{"Alice_Client", "@alice_client"},
                                                     {"@al.ice", "@alice"},
                                                     {"@rv_am", "@rv_am"},
                                                     {"bob_device", "@bob_device"},
                                                     {"@alice🛠", "@alice🛠"},
                                                     {"👩\u200d🚀", "@👩\u200d🚀"},
                                                     {"❤\ufe0f", "@❤\ufe0f"}}));
  CAPTURE(typed);
  const auto atsign = Atsign::parse(typed);
  REQUIRE(atsign);
  CHECK(atsign->str() == meant);
  CHECK(atsign->name() == meant.substr(1));
  CHECK(Atsign::parse(atsign->str())->str() == meant);
}

TEST_CASE("what cannot be an atSign is not made", "[at][atsign][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "", "@", "...", "@.", "@@alice", "a@b", "a b", " a",
                             "a/b", "a:b", "a\tb", "a\nb", std::string("a\0b", 3), "a\x7f", "a\xff",
                             "a\xc0\xaf", "a\xed\xa0\x80", "a\u0085", "a\u00a0", "a\u202eb",
                             "a\u200bb", "\ufeffalice", "a!", "a*", "a'", "a`", "a(", "a)", "a;",
                             "a&", "a=", "a+", "a$", "a,", "a?", "a#", "a[", "a]", "a{", "a}");
  CAPTURE(text);
  const auto atsign = Atsign::parse(text);
  REQUIRE_FALSE(atsign);
  CHECK(atsign.error().code() == Errc::bad_syntax);
}

TEST_CASE("an atSign has at most 55 characters, whatever their bytes", "[at][atsign][hostile]") {
  std::string wide;
  for (int i = 0; i < 55; ++i) wide += "🛠";
  CHECK(Atsign::parse(wide));
  CHECK_FALSE(Atsign::parse(wide + "a"));
  CHECK(Atsign::parse("@" + std::string(55, 'x')));
  CHECK_FALSE(Atsign::parse("@" + std::string(56, 'x')));
  CHECK_FALSE(Atsign::parse(std::string(1'000'000, 'x')));
}

}  // namespace
