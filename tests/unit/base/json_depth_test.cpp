// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/json_depth.hpp"

#include <catch2/catch.hpp>
#include <string>

using noports::is_shallow_json;

TEST_CASE("the depth of JSON is that of its open brackets", "[base][json]") {
  CHECK(is_shallow_json(""));
  CHECK(is_shallow_json("7", 0));
  CHECK(is_shallow_json(R"([{},[],{"a":[]}])", 3));
  CHECK_FALSE(is_shallow_json(R"([{},[],{"a":[]}])", 2));
  CHECK(is_shallow_json("[[],[],[],[]]", 2));
}

TEST_CASE("brackets in texts do not count, also behind escaped quotes", "[base][json]") {
  CHECK(is_shallow_json(R"({"a":"[[[","b":"\"[[[","c":"\\"})", 1));
  CHECK_FALSE(is_shallow_json(R"({"a":"\\","b":[]})", 1));
}

TEST_CASE("JSON of 100,000 brackets is not shallow", "[base][json][hostile]") {
  CHECK_FALSE(is_shallow_json(std::string(100'000, '[')));
  CHECK_FALSE(is_shallow_json("]]]]" + std::string(9, '{')));
  CHECK(is_shallow_json("\"\\"));
}
