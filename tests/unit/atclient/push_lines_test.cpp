// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/push_lines.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using noports::atclient::PushLines;

namespace {

std::vector<std::string> all(PushLines& lines) {
  std::vector<std::string> found;
  while (auto line = lines.next()) found.push_back(*std::move(line));
  return found;
}

}  // namespace

TEST_CASE("lines come out however the bytes were cut", "[atclient][push_lines]") {
  const std::string text = "one\ntwo\r\n\nfour\nfi";
  const auto size = GENERATE(as<std::size_t>{}, 1, 2, 3, 5, 100);
  PushLines lines(10);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size(); at += size) {
    lines.feed(std::string_view(text).substr(at, size));
    for (auto& line : all(lines)) found.push_back(line);
  }
  CHECK(found == std::vector<std::string>{"one", "two", "", "four"});
  CHECK(lines.dropped() == 0);
}

TEST_CASE("a line that is too long is dropped, and the next one is not",
          "[atclient][push_lines][hostile]") {
  const auto size = GENERATE(as<std::size_t>{}, 1, 3, 7, 64);
  const std::string text =
      "ab\n" + std::string(30, 'x') + "\ncd\n" + std::string(11, 'y') + "\nef\n";
  PushLines lines(10);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size(); at += size) {
    lines.feed(std::string_view(text).substr(at, size));
    for (auto& line : all(lines)) found.push_back(line);
  }
  CHECK(found == std::vector<std::string>{"ab", "cd", "ef"});
  CHECK(lines.dropped() == 2);
}
