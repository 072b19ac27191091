// SPDX-License-Identifier: BSD-3-Clause
// A connection that speaks for the owner of the atSign, for the commands that need one.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "at_activate/options.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/atclient/login.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"
#include "noports/net/tls.hpp"

namespace noports::apps::at_activate {

// Progress, on stderr.
void say(std::string_view text);

// The environment's trust, and the --ca-file.
Result<net::TlsContext> trust(const Options& options);

class Session {
 public:
  // Loads the keys and connects, as often as --mca says while the atServer cannot be reached.
  static asio::awaitable<Result<std::unique_ptr<Session>>> open(const Options& options);

  // The connection, opened anew when it was lost.
  asio::awaitable<Result<atclient::Connection*>> connection();
  // Another one, to be used up by its caller.
  asio::awaitable<Result<std::unique_ptr<atclient::Connection>>> another();
  const std::shared_ptr<const keys::Keys>& keys() const noexcept { return keys_; }

 private:
  Session(atclient::Login login, std::shared_ptr<const keys::Keys> keys, std::size_t attempts)
      : login_(std::move(login)), keys_(std::move(keys)), attempts_(attempts) {}

  atclient::Login login_;
  std::shared_ptr<const keys::Keys> keys_;
  std::size_t attempts_;
  std::unique_ptr<atclient::Connection> connection_;
};

}  // namespace noports::apps::at_activate
