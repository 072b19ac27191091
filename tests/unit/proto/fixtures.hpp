// SPDX-License-Identifier: BSD-3-Clause
// What the tests of proto share: the throw-away key T and the texts of the references.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "noports/crypto/rsa.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::test {

inline nlohmann::json vector_file(const std::string& name) {
  std::ifstream file(std::string(NOPORTS_VECTORS) + "/" + name);
  REQUIRE(file);
  return nlohmann::json::parse(file);
}

// A text of vectors/proto.json.
inline std::string wire(const char* name) { return vector_file("proto.json").at(name); }

inline crypto::PrivateKey key_t() {
  auto key =
      crypto::PrivateKey::parse(vector_file("key_t.json").at("privateKey").get<std::string>());
  REQUIRE(key);
  return *key;
}

// 2048 bits, not key T.
inline crypto::PrivateKey other_key() {
  static const auto key = crypto::PrivateKey::generate();  // once: it takes its time
  REQUIRE(key);
  return *key;
}

inline proto::SessionId session_s() {
  return *proto::SessionId::parse("0f8fad5b-d9cb-469f-a165-70867728950e");
}

// `text` with the first `from` replaced by `to`; `from` must be there.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

}  // namespace noports::test
