// SPDX-License-Identifier: BSD-3-Clause
// Where an atServer listens.
#pragma once

#include <cstdint>
#include <string>

namespace noports::atserver {

struct Place {
  std::string host;  // what the certificate must be for
  std::uint16_t port = 0;
  bool operator==(const Place&) const = default;
};

inline std::string place_text(const Place& place) {
  return place.host + ":" + std::to_string(place.port);
}

}  // namespace noports::atserver
