// SPDX-License-Identifier: BSD-3-Clause
// batch, config (atprotocol-wire.md 3.18, 3.19).
#include <catch2/catch.hpp>

#include "noports/at/verb.hpp"

namespace {

using namespace noports;

TEST_CASE("a batch is read as the Dart client writes it", "[at][verb][vectors]") {
  const auto verb = at::decode(
      R"(batch:[{"id":1,"command":"update:a@alice x~NL~y"},{"id":2,"command":"delete:b@alice"}])");
  REQUIRE(verb);
  const auto& items = std::get<at::Batch>(*verb).items;
  REQUIRE(items.size() == 2);
  CHECK(items[0] == at::Batch::Item{1, "update:a@alice x~NL~y"});
  CHECK(items[1] == at::Batch::Item{2, "delete:b@alice"});
}

TEST_CASE("lists of config are read in any case", "[at][verb]") {
  const auto verb = at::decode("config:BLOCK:add:@Bob @carol");
  REQUIRE(verb);
  const auto& config = std::get<at::Config>(*verb);
  CHECK(config.list == at::Config::List::block);
  CHECK(config.action == at::Config::Action::add);
  REQUIRE(config.atsigns.size() == 2);
  CHECK(config.atsigns[0].str() == "@bob");
}

TEST_CASE("what is no batch or config is bad syntax", "[at][verb][hostile]") {
  const auto* line =
      GENERATE("batch", "batch:", "batch:{}", "batch:[1]", "batch:[{}]", R"(batch:[{"id":1}])",
               R"(batch:[{"id":"1","command":"scan"}])", R"(batch:[{"id":1.5,"command":"scan"}])",
               R"(batch:[{"id":1,"command":null}])", "batch:[[[[[[[[[[[[]]]]]]]]]]]]", "config",
               "config:", "config:block", "config:block:", "config:block:add",
               "config:block:add:", "config:block:add:bob", "config:block:add:@bob  @x",
               "config:block:add:@bob,@carol", "config:block:show:@bob", "config:block:clear",
               "config:deny:add:@bob", "config:set", "config:print");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::bad_syntax);
}

}  // namespace
