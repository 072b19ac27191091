// SPDX-License-Identifier: BSD-3-Clause
// The examples of a man page as a shell would split them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/option_table.hpp"

namespace noports::test {

// Blanks separate words, but not between single quotes.
inline std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      is_quoted = !is_quoted;
    } else if (c == ' ' && !is_quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

// The arguments of each example, without the program's name.
inline std::vector<std::vector<std::string>> examples_of(const apps::Program& program) {
  REQUIRE(program.examples.size() >= 2);
  std::vector<std::vector<std::string>> all;
  const auto page = apps::man_page(program);
  CHECK(page.find(".SH EXAMPLES\n") != std::string::npos);
  for (const auto& example : program.examples) {
    auto words = shell_words(example.command);
    CHECK(words.front() == program.name);
    words.erase(words.begin());
    all.push_back(std::move(words));
  }
  return all;
}

}  // namespace noports::test
