// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/argon2.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::crypto;

namespace {

std::string unhex(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

void derives(const nlohmann::ordered_json& vector) {
  CAPTURE(vector["passphrase"].get<std::string>());
  const auto& numbers = vector["argon2id"];
  const Argon2Cost cost{numbers["memoryKiB"].get<std::uint64_t>(),
                        numbers["iterations"].get<std::uint64_t>(),
                        numbers["lanes"].get<std::uint64_t>()};
  const auto key = argon2id(Secret(unhex(vector["passwordHex"].get<std::string>())),
                            unhex(vector["saltHex"].get<std::string>()), cost);
  REQUIRE(key);
  CHECK(base64(key->bytes()) == vector["aesKeyB64"].get<std::string>());
}

}  // namespace

// vectors/atkeys.json and passphrase_short.json of keys-and-enrollment.md 1.7 and 6.2
TEST_CASE("Argon2id of the key files' passphrases", "[crypto][argon2][vectors]") {
  const auto known = test::vectors("atkeys.json")["passphrase"];
  REQUIRE(known.size() >= 2);
  for (const auto& vector : known) derives(vector);
}

TEST_CASE("Argon2id takes the short salts of old key files", "[crypto][argon2][vectors]") {
  const auto known = test::vectors("passphrase_short.json");
  REQUIRE(known.size() >= 2);
  for (const auto& vector : known) derives(vector);
}

TEST_CASE("Argon2id refuses what would eat memory or minutes", "[crypto][argon2][hostile]") {
  constexpr auto kHuge = ~std::uint64_t{0};
  const auto cost = GENERATE(
      as<Argon2Cost>{}, Argon2Cost{}, Argon2Cost{0, 1, 1}, Argon2Cost{7, 1, 1},
      Argon2Cost{31, 1, 4}, Argon2Cost{kMostArgon2Memory + 1, 1, 1}, Argon2Cost{kHuge, 1, 1},
      Argon2Cost{64, 0, 1}, Argon2Cost{64, kHuge, 1}, Argon2Cost{64, kMostArgon2Work / 64 + 1, 1},
      Argon2Cost{kMostArgon2Memory, kMostArgon2Work / kMostArgon2Memory + 1, 1},
      Argon2Cost{1024, 1, 0}, Argon2Cost{1024, 1, kMostArgon2Lanes + 1}, Argon2Cost{64, 1, kHuge},
      Argon2Cost{kHuge, kHuge, kHuge});
  CAPTURE(cost.memory, cost.passes, cost.lanes);
  const auto key = argon2id(Secret("password"), "somesalt", cost);
  REQUIRE_FALSE(key);
  CHECK(key.error().code() == Errc::bad_syntax);
  CHECK(key.error().what().starts_with("the costs of Argon2id are out of bounds: "));
}

TEST_CASE("Argon2id takes the costs at its bounds", "[crypto][argon2]") {
  CHECK(check({8, 1, 1}));
  CHECK(check({8 * kMostArgon2Lanes, kMostArgon2Work / (8 * kMostArgon2Lanes), kMostArgon2Lanes}));
  CHECK(check({kMostArgon2Memory, kMostArgon2Work / kMostArgon2Memory, 1}));
}

TEST_CASE("Argon2id needs a salt", "[crypto][argon2][hostile]") {
  CHECK(argon2id(Secret("password"), "", {8, 1, 1}).error().code() == Errc::bad_syntax);
}
