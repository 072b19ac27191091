// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/remote_dialer.hpp"

#include <optional>
#include <utility>

#include "noports/base/finally.hpp"
#include "noports/bridge/carrier.hpp"
#include "noports/bridge/carry.hpp"
#include "noports/bridge/control_channel.hpp"
#include "noports/bridge/streams.hpp"
#include "noports/log/log.hpp"
#include "noports/net/task_group.hpp"

namespace noports::bridge {
namespace {

constexpr std::chrono::seconds kDialTime{10};  // for one socket (noports-wire.md 10.4)
constexpr std::string_view kModule = "bridge";

Error unreachable(Error error) {
  return std::move(error).during("reaching the service").at(Hop::target);
}

class SingleDialer final : public RemoteDialer {
 public:
  SingleDialer(net::Poller& poller, Side target, Side relay, CodecPair codecs)
      : poller_(poller),
        target_(std::move(target)),
        relay_(std::move(relay)),
        codecs_(std::move(codecs)) {}

  asio::awaitable<Result<Summary>> serve() override {
    return carry(poller_, End::device, std::move(target_), std::move(relay_), std::move(codecs_),
                 &moved_);
  }

 private:
  net::Poller& poller_;
  Side target_, relay_;
  CodecPair codecs_;
};

// One multi session at the device's end, from the first control line to the last byte.
class Following {
 public:
  Following(const Leg& leg, const Target& target, const DialOptions& options, net::Poller& poller,
            std::unique_ptr<ControlChannel> control)
      : leg_(leg),
        target_(target),
        options_(options),
        carrier_(leg),
        control_(std::move(control)),
        streams_(poller, End::device, Streams::Carries::many, options.on_trouble),
        ended_(poller.executor()),
        tasks_(poller.executor(), [this](std::exception_ptr) {
          finish(fail(Errc::io, "a defect of this program ended the session"));
        }) {}

  net::TaskGroup& tasks() noexcept { return tasks_; }
  Summary summary() const noexcept { return streams_.summary(); }

  asio::awaitable<Result<Summary>> run() {
    tasks_.spawn(follow_control());
    tasks_.spawn(watch_idleness());
    while (!outcome_) co_await ended_.wait();
    co_return *std::move(outcome_);
  }

 private:
  void finish(Result<Summary> outcome) {
    if (!outcome_) outcome_.emplace(std::move(outcome));
    ended_.notify();
  }

  asio::awaitable<void> watch_idleness() {
    co_await streams_.until_idle(options_.idle);
    finish(streams_.summary());
  }

  asio::awaitable<void> follow_control() {
    while (!outcome_) {
      auto message = co_await control_->receive();
      if (!message) co_return finish(fail(std::move(message).error()));
      if (!*message) co_return finish(streams_.summary());  // the client has ended the session
      auto taken = co_await take(**std::move(message));
      if (!taken) co_return finish(fail(std::move(taken).error()));
    }
  }

  // Strictly in order. An error ends the session: without a relay socket for this message all
  // later ones would be paired with the wrong sockets.
  asio::awaitable<Result<void>> take(ControlMessage message) {
    if (auto* connect = std::get_if<Connect>(&message)) {
      return answer(std::move(connect->protection), std::nullopt);
    }
    if (std::holds_alternative<BadConnect>(message)) {
      return answer({}, Error(Errc::bad_syntax, Hop::relay, "a connect message without good keys"));
    }
    if (const auto* unknown = std::get_if<UnknownLine>(&message)) {
      log::debug(kModule, "control line ignored", {{"verb", unknown->verb}});
    }
    return pass();
  }

  static asio::awaitable<Result<void>> pass() { co_return Result<void>(); }

  // Relay socket first, authenticated; then the service, beside the next message. Where the
  // connection cannot be, its relay socket is closed, so that the client sees an end
  // (noports-wire.md 10.4). Closed, not reset: a reset could overtake the auth line.
  asio::awaitable<Result<void>> answer(Protection protection, std::optional<Error> wrong) {
    Streams::Opening counted(streams_);
    const bool is_full = streams_.is_beyond_limit();
    const Position start;
    auto relay = co_await carrier_.open_stream(start, net::in(kDialTime));
    if (!relay) co_return fail(std::move(relay).error());
    if (!wrong) wrong = objection(protection, is_full);
    auto codecs = make_codecs(protection, End::device);
    if (!wrong && !codecs) wrong = std::move(codecs).error();
    if (wrong) {
      options_.on_trouble(*wrong);
      co_return Result<void>();
    }
    tasks_.spawn(reach(*std::move(relay), *std::move(codecs), std::move(counted)));
    co_return Result<void>();
  }

  std::optional<Error> objection(const Protection& protection, bool is_full) const {
    if (is_full) return Error(Errc::refused, "too many connections in one session");
    if (!options_.may_open()) return Error(Errc::refused, "this session may open nothing more");
    const bool is_plain = protection.kind == Protection::Kind::none;
    if (is_plain && leg_.protection.kind != Protection::Kind::none) {
      return Error(Errc::refused, Hop::relay, "a plain connection in an encrypted session");
    }
    return std::nullopt;
  }

  asio::awaitable<void> reach(Side relay, CodecPair codecs,
                              [[maybe_unused]] Streams::Opening counted) {
    auto service = co_await net::dial(target_.host, target_.port, net::in(kDialTime));
    if (!service) co_return options_.on_trouble(unreachable(std::move(service).error()));
    streams_.add(Side(*std::move(service)), std::move(relay), std::move(codecs));
  }

  const Leg& leg_;
  const Target& target_;
  const DialOptions& options_;
  RelayCarrier carrier_;
  std::unique_ptr<ControlChannel> control_;
  Streams streams_;
  std::optional<Result<Summary>> outcome_;
  Event ended_;
  net::TaskGroup tasks_;
};

class MultiDialer final : public RemoteDialer {
 public:
  MultiDialer(Leg leg, Target target, net::Poller& poller, DialOptions options)
      : leg_(std::move(leg)),
        target_(std::move(target)),
        options_(std::move(options)),
        poller_(poller) {}

  asio::awaitable<Result<void>> connect(net::Deadline deadline) {
    auto control = co_await ControlChannel::open(leg_, End::device, deadline);
    if (!control) co_return fail(std::move(control).error());
    control_ = *std::move(control);
    co_return Result<void>();
  }

  // However it ends, its sockets are closed with it.
  asio::awaitable<Result<Summary>> serve() override {
    Following session(leg_, target_, options_, poller_, std::move(control_));
    const Finally ended_somehow([&] { moved_ = session.summary(); });
    auto ended = co_await net::scoped(session.tasks(), session.run());
    co_return ended;
  }

 private:
  Leg leg_;
  Target target_;
  DialOptions options_;
  net::Poller& poller_;
  std::unique_ptr<ControlChannel> control_;
};

}  // namespace

asio::awaitable<Result<std::unique_ptr<RemoteDialer>>> RemoteDialer::open_multi(
    Leg leg, Target target, net::Poller& poller, net::Deadline deadline, DialOptions options) {
  auto dialer =
      std::make_unique<MultiDialer>(std::move(leg), std::move(target), poller, std::move(options));
  auto connected = co_await dialer->connect(deadline);
  if (!connected) co_return fail(std::move(connected).error());
  co_return std::unique_ptr<RemoteDialer>(std::move(dialer));
}

asio::awaitable<Result<std::unique_ptr<RemoteDialer>>> RemoteDialer::open_single(
    Leg leg, Target target, net::Poller& poller, net::Deadline deadline) {
  auto codecs = make_codecs(leg.protection, End::device);
  if (!codecs) co_return fail(std::move(codecs).error());
  auto service = co_await net::dial(target.host, target.port, deadline);
  if (!service) co_return fail(unreachable(std::move(service).error()));
  RelayCarrier carrier(leg);
  const Position start;
  auto relay = co_await carrier.open_stream(start, deadline);
  if (!relay) co_return fail(std::move(relay).error());
  co_return std::unique_ptr<RemoteDialer>(std::make_unique<SingleDialer>(
      poller, Side(*std::move(service)), *std::move(relay), *std::move(codecs)));
}

}  // namespace noports::bridge
