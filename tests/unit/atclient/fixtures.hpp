// SPDX-License-Identifier: BSD-3-Clause
// Two atSigns with keys: @alice of the key file vectors, @bob of the sharing vectors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/keys/keyfile.hpp"
#include "support/vectors.hpp"

namespace noports::test {

inline at::Atsign atsign(std::string_view text) { return *at::Atsign::parse(text); }
inline at::KeyName key_name(std::string_view text) { return *at::KeyName::parse(text); }

inline std::shared_ptr<const keys::Keys> alice_keys() {
  static const auto keys =
      std::make_shared<const keys::Keys>(*keys::decode(vector_text("alice_key.dart.atKeys")));
  return keys;
}

inline std::shared_ptr<const keys::Keys> bob_keys() {
  static const auto keys = [] {
    const auto text = vectors("sharing.json")["bobPrivateKey"].get<std::string>();
    const auto pair = *crypto::PrivateKey::parse(text);
    keys::Keys bob{pair, pair, crypto::Secret(std::string(32, 's')), std::nullopt, std::nullopt};
    return std::make_shared<const keys::Keys>(std::move(bob));
  }();
  return keys;
}

}  // namespace noports::test
