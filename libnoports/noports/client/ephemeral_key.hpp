// SPDX-License-Identifier: BSD-3-Clause
// The RSA-2048 pair of one run of a client, to which the device wraps the session keys
// (noports-wire.md 8). Making it takes 64 to 565 ms, so it is begun first and awaited last.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/net/task_group.hpp"

namespace noports::client {

class EphemeralKey {
 public:
  using Make = std::function<Result<crypto::PrivateKey>()>;

  // Starts making it on another core.
  explicit EphemeralKey(asio::any_io_executor executor, Make make = crypto::PrivateKey::generate);
  EphemeralKey(const EphemeralKey&) = delete;
  EphemeralKey& operator=(const EphemeralKey&) = delete;

  // The pair, once it is there; every later call returns at once.
  asio::awaitable<Result<crypto::PrivateKey>> get();
  // Must be awaited before it dies.
  asio::awaitable<void> close();

 private:
  asio::awaitable<void> produce(Make make);

  std::optional<Result<crypto::PrivateKey>> made_;
  asio::steady_timer ready_;  // never expires; cancelled when the pair is there
  net::TaskGroup tasks_;
};

}  // namespace noports::client
