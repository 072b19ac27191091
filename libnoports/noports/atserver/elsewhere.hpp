// SPDX-License-Identifier: BSD-3-Clause
// Where the atServers are that this platform does not serve itself, and how to know them.
#pragma once

#include <asio/awaitable.hpp>

#include "noports/at/atsign.hpp"
#include "noports/atserver/place.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tls.hpp"

namespace noports::atserver {

class Elsewhere {
 public:
  virtual ~Elsewhere() = default;

  // not_found when nobody has this atSign; other errors, at Hop::directory, when that could not be
  // learnt before the deadline.
  virtual asio::awaitable<Result<Place>> find(at::Atsign atsign, net::Deadline deadline) = 0;
  // The place did not answer: the next find() asks again.
  virtual void doubt(const at::Atsign& atsign) = 0;
  // For connections to what find() has found.
  virtual net::TlsContext tls() = 0;
};

}  // namespace noports::atserver
