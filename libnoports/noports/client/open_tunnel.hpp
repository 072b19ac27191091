// SPDX-License-Identifier: BSD-3-Clause
// The whole arrangement of a session: device and relay asked side by side, the session asked for,
// and everything that the bridge needs to begin (noports-newer.md 22).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/client/caller.hpp"
#include "noports/client/ephemeral_key.hpp"
#include "noports/client/phases.hpp"
#include "noports/client/relay_modes.hpp"
#include "noports/proto/ping.hpp"
#include "noports/proto/session.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::client {

struct Wanted {
  Wanted(proto::RequestKind kind_, Device device_, at::Atsign relay_)
      : kind(kind_), device(std::move(device_)), relay(std::move(relay_)) {}

  proto::RequestKind kind;
  Device device;
  at::Atsign relay;
  std::vector<at::Atsign> other_relays;   // asked in this order when `relay` is of no use
  std::string target_host = "localhost";  // npt only, as seen from the device
  std::uint16_t target_port = 0;          // npt only
  // npt only: without a connection for this long the device ends the session.
  std::chrono::milliseconds timeout{30'000};
  bool authenticate_client = true, authenticate_device = true;
  AuthWish relay_auth;  // how to authenticate to the relay
  bool encrypt = true;
  std::optional<proto::SshPublicKey> ssh_key;  // sent before the session is asked for
  std::chrono::seconds ping_timeout{20};
};

// What the device must be able to do (noports-wire.md 7).
proto::Features needed_features(const Wanted& wanted) noexcept;

// `me`, `ephemeral` and `phases` outlive the call. Our signing key is published before ESCR is
// used. Errors as ask_relay() and ask_device(), and refused, hop device, for a feature that the
// device lacks.
asio::awaitable<Result<bridge::Leg>> open_tunnel(Caller me, EphemeralKey& ephemeral, Wanted wanted,
                                                 Say say, Phases& phases);

}  // namespace noports::client
