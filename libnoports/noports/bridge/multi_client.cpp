// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/multi_client.hpp"

#include <string>
#include <utility>

#include "noports/base/finally.hpp"

namespace noports::bridge {
namespace {

constexpr std::chrono::seconds kOpenTime{10};  // for one relay socket (noports-wire.md 10.4)

}  // namespace

MultiClient::MultiClient(Leg leg, net::Poller& poller, Streams::Carries carries,
                         std::function<void(const Error&)> on_trouble)
    : leg_(std::move(leg)),
      carrier_(leg_),
      streams_(poller, End::client, carries, std::move(on_trouble)),
      said_(poller.executor()) {}

asio::awaitable<Result<void>> MultiClient::connect(net::Deadline deadline) {
  auto control = co_await ControlChannel::open(leg_, End::client, deadline);
  if (!control) co_return fail(std::move(control).error());
  control_ = *std::move(control);
  co_return Result<void>();
}

asio::awaitable<Result<void>> MultiClient::open_stream(Side application) {
  const Streams::Opening counted(streams_);
  const Connect message{fresh_protection(leg_.protection.kind)};
  auto codecs = make_codecs(message.protection, End::client);
  if (!codecs) co_return fail(std::move(codecs).error());
  const Position start;
  auto relay = co_await carrier_.open_stream(start, net::in(kOpenTime));
  if (!relay) co_return fail(std::move(relay).error());
  auto announced = co_await say(encode(message));
  if (!announced) co_return fail(std::move(announced).error());
  streams_.add(std::move(application), *std::move(relay), *std::move(codecs));
  co_return Result<void>();
}

asio::awaitable<Result<void>> MultiClient::send_heartbeat() {
  const Heartbeat beat{++heartbeats_};
  const std::string line = encode(beat);
  co_return co_await say(crypto::Secret(line));
}

asio::awaitable<Result<void>> MultiClient::say(crypto::Secret line) {
  while (is_saying_) co_await said_.wait();
  is_saying_ = true;
  const Finally done([this] {
    is_saying_ = false;
    said_.notify();
  });
  auto sent = co_await control_->send(std::move(line));
  if (!sent) has_lost_control_ = true;
  co_return sent;
}

}  // namespace noports::bridge
