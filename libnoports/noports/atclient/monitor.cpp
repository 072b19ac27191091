// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/monitor.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "noports/at/answer.hpp"
#include "noports/at/verb.hpp"
#include "noports/atclient/push_lines.hpp"
#include "noports/base/text.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"

namespace noports::atclient {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kChunk = 16'384;  // bytes, one TLS record
constexpr std::string_view kStatisticsId = "-1";

}  // namespace

Monitor::Monitor(asio::any_io_executor executor, Login& login, Progress progress,
                 std::function<void(at::Notification)> heard)
    : Monitor(std::move(executor), login, std::move(progress), std::move(heard), Pace()) {}

Monitor::Monitor(asio::any_io_executor executor, Login& login, Progress progress,
                 std::function<void(at::Notification)> heard, Pace pace)
    : login_(login),
      progress_(std::move(progress)),
      heard_(std::move(heard)),
      pace_(pace),
      backoff_(pace.first_pause, pace.most_pause),
      bell_(executor) {}

asio::awaitable<Result<void>> Monitor::connect(net::Deadline deadline) {
  auto connection = co_await login_.open(Refusals::text, deadline);
  if (!connection) co_return fail(std::move(connection).error());
  at::Monitor monitor;
  monitor.self_notifications = true;
  monitor.since = std::max<std::int64_t>(progress_.resume_from(), 0);
  auto said = co_await (*connection)->say(std::move(monitor), deadline);
  if (!said) co_return fail(std::move(said).error());
  connection_ = *std::move(connection);
  is_over_ = is_awaited_ = false;
  co_return Result<void>();
}

asio::awaitable<Result<void>> Monitor::open(net::Deadline deadline) { return connect(deadline); }

void Monitor::hear_push(const std::string& json) {
  auto note = at::decode_notification(json);
  if (!note || note->id.empty()) {
    log::warn("atclient", "a notification cannot be read, it is dropped",
              {{"error", note ? "no id" : note.error().what()}});
    return;
  }
  backoff_.reset();
  if (note->id == kStatisticsId) {
    progress_.tick(note->epoch_millis);
  } else if (progress_.take(note->id, note->epoch_millis)) {
    heard_(*std::move(note));
  }
}

void Monitor::hear(const std::string& line) {
  const auto answer = at::decode_answer(line);
  if (const auto* push = std::get_if<at::Push>(&answer)) {
    hear_push(push->json);
  } else if (std::holds_alternative<at::Data>(answer)) {  // of a heartbeat
    backoff_.reset();
    progress_.settle();
  } else if (const auto* refusal = std::get_if<at::Refusal>(&answer)) {
    log::warn("atclient", "the atServer refuses to send notifications",
              {{"atsign", login_.self().str()}, {"error", at::to_error(*refusal).what()}});
    connection_->close();
  }
}

// A bug in dealing with one line must not leave us deaf for all others.
Result<void> Monitor::try_hear(const std::string& line) {
  try {
    hear(line);
    return {};
  } catch (...) {
    log::escapes("atclient")(std::current_exception());
    return fail(Errc::io, "a notification could not be dealt with");
  }
}

// Reads until the connection ends; then its error.
asio::awaitable<Result<void>> Monitor::listen() {
  PushLines lines(kLineLimit);
  auto& stream = connection_->stream();
  for (;;) {
    auto bytes = co_await stream.read_some(kChunk);
    if (!bytes) co_return fail(std::move(bytes).error());
    if (bytes->empty()) co_return fail(Errc::disconnected, "the atServer closed the connection");
    if (std::exchange(is_awaited_, false)) bell_.ring();
    lines.feed(*bytes);
    const auto dropped = lines.dropped();
    while (const auto line = lines.next()) {
      auto heard = try_hear(*line);
      if (!heard) co_return heard;
    }
    if (lines.dropped() != dropped) {
      log::warn("atclient", "a notification is too long, it is dropped",
                {{"limit", static_cast<std::int64_t>(kLineLimit)}});
    }
  }
}

// Closes the connection when nothing comes back.
asio::awaitable<Result<void>> Monitor::beat() {
  auto& stream = connection_->stream();
  while (!is_over_) {
    const auto due = net::in(pace_.heartbeat);
    while (!is_over_ && Clock::now() < due) co_await bell_.wait_until(due);
    if (is_over_) break;
    is_awaited_ = true;
    const auto limit = net::in(pace_.answer);
    auto sent = co_await net::before(limit, stream.write_all("noop:0\n"));
    while (sent && !is_over_ && is_awaited_ && Clock::now() < limit) {
      co_await bell_.wait_until(limit);
    }
    if (sent && !is_awaited_) continue;
    connection_->close();
    if (is_over_) break;
    co_return fail(Errc::timed_out, "the atServer does not answer the heartbeat");
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Monitor::converse() {
  auto ended = co_await listen();
  is_over_ = true;
  bell_.ring();
  co_return ended;
}

asio::awaitable<Error> Monitor::run() {
  bool is_told = false;  // of this outage
  for (;;) {
    if (connection_) {
      is_told = false;
      const auto [ended, beaten] = co_await net::both(converse(), beat());
      connection_.reset();
      log::info(
          "atclient", "the monitor connection is lost",
          {{"atsign", login_.self().str()}, {"error", (beaten ? ended : beaten).error().what()}});
    }
    const auto pause = backoff_.next();
    co_await net::pause(pause);
    auto connected = co_await connect(net::in(pace_.login));
    if (connected) {
      log::info("atclient", "the monitor connection is up", {{"atsign", login_.self().str()}});
    } else if (connected.error().code() == Errc::revoked) {
      co_return std::move(connected).error();
    } else {
      const auto level = std::exchange(is_told, true) ? log::Level::debug : log::Level::warn;
      log::write(level, "atclient", "the monitor connection cannot be opened, trying on",
                 {{"atsign", login_.self().str()}, {"error", connected.error().what()}});
    }
  }
}

}  // namespace noports::atclient
