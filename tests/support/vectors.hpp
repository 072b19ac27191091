// SPDX-License-Identifier: BSD-3-Clause
// The files of tests/vectors.
#pragma once

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace noports::test {

inline std::string vector_text(const std::string& name) {
  std::ifstream file(std::string(NOPORTS_VECTORS "/") + name, std::ios::binary);
  if (!file) throw std::runtime_error("no such vector file: " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::ordered_json vectors(const std::string& name) {
  return nlohmann::ordered_json::parse(vector_text(name));
}

}  // namespace noports::test
