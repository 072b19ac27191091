// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/session.hpp"

#include <iostream>
#include <utility>

#include "common/environment.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

using namespace std::chrono_literals;

constexpr auto kAttempt = 30s;
constexpr auto kPause = 3s;  // between two attempts (keys-and-enrollment.md 5.1)

}  // namespace

void say(std::string_view text) { std::cerr << printable(text, 4000) << std::endl; }

Result<net::TlsContext> trust(const Options& options) {
  auto trust = trust_from_environment();
  trust.extra_ca = options.ca_file;
  return net::client_context(trust);
}

asio::awaitable<Result<std::unique_ptr<Session>>> Session::open(const Options& options) {
  auto loaded = co_await load_keys(options.key_access, *options.atsign);
  if (!loaded) co_return fail(std::move(loaded).error());
  auto context = trust(options);
  if (!context) co_return fail(std::move(context).error());
  const auto keys = std::make_shared<const keys::Keys>(*std::move(loaded));
  atclient::Login login(options.directory, *std::move(context), *options.atsign, keys);
  std::unique_ptr<Session> session(new Session(std::move(login), keys, options.attempts));
  auto connected = co_await session->connection();
  if (!connected) co_return fail(std::move(connected).error());
  co_return session;
}

asio::awaitable<Result<std::unique_ptr<atclient::Connection>>> Session::another() {
  co_return co_await login_.open(atclient::Refusals::json, net::in(kAttempt));
}

asio::awaitable<Result<atclient::Connection*>> Session::connection() {
  if (connection_ && connection_->is_open()) co_return connection_.get();
  for (std::size_t attempt = 1;; ++attempt) {
    say("Connecting ... ");
    auto opened = co_await another();
    if (opened) {
      connection_ = *std::move(opened);
      say("Connected");
      co_return connection_.get();
    }
    if (atclient::is_final(opened.error())) co_return fail(std::move(opened).error());
    if (attempt >= attempts_) {
      const auto count = std::to_string(attempt);
      co_return fail(
          std::move(opened).error().during("Failed to connect after " + count + " attempts"));
    }
    say(opened.error().what() + ". Will retry in 3 seconds");
    co_await net::pause(kPause);
  }
}

}  // namespace noports::apps::at_activate
