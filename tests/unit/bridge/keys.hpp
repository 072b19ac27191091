// SPDX-License-Identifier: BSD-3-Clause
// The keys of noports-newer.md 27.5 and noports-wire.md 19.2: bytes that count up.
#pragma once

#include <string>

#include "noports/bridge/leg.hpp"
#include "noports/crypto/digest.hpp"

namespace noports::test {

inline crypto::Secret counting(int first, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(first + static_cast<int>(i));
  return crypto::Secret(bytes);
}

inline bridge::CtrKey counting_key(int key, int iv) {
  return bridge::CtrKey{counting(key, 32), counting(iv, 16)};
}

// Of the session: the control channel.
inline bridge::CtrKey session_key() { return counting_key(0x00, 0x00); }

// Of the first stream.
inline bridge::Protection twin_protection() {
  return bridge::Protection{bridge::Protection::Kind::ctr_twin, counting_key(0x20, 0x10),
                            counting_key(0x60, 0x50)};
}

}  // namespace noports::test
