// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/directory.hpp"

#include <catch2/catch.hpp>

using namespace noports::atserver;

// atprotocol-wire.md 2
TEST_CASE("the directory's answers are exact", "[atserver][directory][vectors]") {
  CHECK(kDirectoryGreeting == "@");
  CHECK(directory_answer(Place{"alice.example.net", 7001}) == "alice.example.net:7001\r\n@");
  CHECK(directory_answer(std::nullopt) == "null\r\n@");
}

TEST_CASE("the directory is asked by name, in any case, with emoji", "[atserver][directory]") {
  CHECK(directory_query("alice")->str() == "@alice");
  CHECK(directory_query(" ALICE ")->str() == "@alice");
  CHECK(directory_query("alice\xf0\x9f\x9b\xa0")->str() == "@alice\xf0\x9f\x9b\xa0");
}

TEST_CASE("what is no name is not looked up", "[atserver][directory][hostile]") {
  const auto* line = GENERATE("", " ", "@alice", "al.ice", "a b",
                              "a\x01"
                              "b",
                              "\xff\xfe", "a:1", "@exit", "'; DROP TABLE accounts; --");
  CAPTURE(line);
  CHECK_FALSE(directory_query(line));
}

TEST_CASE("@exit leaves the directory", "[atserver][directory]") {
  CHECK(is_directory_exit("@exit"));
  CHECK(is_directory_exit("@exit "));
  CHECK_FALSE(is_directory_exit("exit"));
}

TEST_CASE("another directory's answer is read with its prompt", "[atserver][directory]") {
  CHECK(**decode_directory_answer("@b.example.net:10300\r") == Place{"b.example.net", 10300});
  CHECK_FALSE(*decode_directory_answer("@null\r"));
}

TEST_CASE("what is no answer of a directory is no place and not nobody",
          "[atserver][directory][hostile]") {
  const auto* line =
      GENERATE("", "@", "b.example.net", "b.example.net:", "b.example.net:0", "b.example.net:65536",
               ":1", "a b:1", "a\x01:1", "[::1]:1", "nul", "{}");
  CAPTURE(line);
  const auto answer = decode_directory_answer(line);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == noports::Errc::bad_syntax);
}
