// SPDX-License-Identifier: BSD-3-Clause
// The client's end over two descriptors of ours instead of a local port (--stdio).
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "noports/bridge/carry.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/multi_client.hpp"
#include "noports/net/task_group.hpp"

namespace noports::bridge {
namespace {

Unexpected refused(const char* doing) {
  return fail(Errc::io, std::string(doing) + ": " + std::strerror(errno));
}

// Copies that a pair may own. `out` itself is turned away from the pipe or terminal, because the
// reader of a pipe sees its end only when no copy is left.
Result<Side> side_of(int in, int out) {
  Fd reader(::fcntl(in, F_DUPFD_CLOEXEC, 3));
  if (!reader || !reader.set_nonblocking(true)) return refused("copying the input descriptor");
  if (in == out) return Side(std::move(reader));
  Fd writer(::fcntl(out, F_DUPFD_CLOEXEC, 3));
  if (!writer || !writer.set_nonblocking(true)) return refused("copying the output descriptor");
  const Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nowhere || ::dup2(nowhere.get(), out) < 0) return refused("taking over the output");
  return Side(std::move(reader), std::move(writer));
}

// The one stream of a multi session, and the control channel beside it.
class OneOfMulti {
 public:
  OneOfMulti(Leg leg, net::Poller& poller)
      : client_(std::move(leg), poller, Streams::Carries::one,
                [this](const Error& error) { note(error); }),
        tasks_(poller.executor(),
               [this](std::exception_ptr) {
                 note(Error(Errc::io, "a defect of this program ended the session"));
               }),
        ended_(poller.executor()) {}

  net::TaskGroup& tasks() noexcept { return tasks_; }

  asio::awaitable<Result<Summary>> run(Side side, net::Deadline deadline) {
    auto connected = co_await client_.connect(deadline);
    if (!connected) co_return fail(std::move(connected).error());
    auto opened = co_await client_.open_stream(std::move(side));
    if (!opened) co_return fail(std::move(opened).error());
    tasks_.spawn(watch_control());
    tasks_.spawn(watch_stream());
    while (!is_over_ && !wrong_) co_await ended_.wait();
    if (wrong_) co_return fail(*std::move(wrong_));
    co_return client_.streams().summary();
  }

 private:
  void note(const Error& error) {
    if (!wrong_ && !is_over_) wrong_ = error;
    ended_.notify();
  }

  asio::awaitable<void> watch_control() {
    auto closed = co_await client_.until_closed();
    if (!closed) note(closed.error());
  }

  asio::awaitable<void> watch_stream() {
    co_await client_.streams().until_none();
    is_over_ = true;
    ended_.notify();
  }

  MultiClient client_;
  net::TaskGroup tasks_;
  Event ended_;
  std::optional<Error> wrong_;
  bool is_over_ = false;
};

}  // namespace

asio::awaitable<Result<Summary>> serve_stdio(Leg leg, net::Poller& poller, int in, int out,
                                             net::Deadline deadline) {
  auto side = side_of(in, out);
  if (!side) co_return fail(std::move(side).error());
  auto codecs = make_codecs(leg.protection, End::client);
  if (!codecs) co_return fail(std::move(codecs).error());
  RelayCarrier carrier(leg);
  const Position start;
  auto relay = co_await carrier.open_stream(start, deadline);
  if (!relay) co_return fail(std::move(relay).error());
  co_return co_await carry(poller, End::client, *std::move(side), *std::move(relay),
                           *std::move(codecs));
}

asio::awaitable<Result<Summary>> serve_stdio_multi(Leg leg, net::Poller& poller, int in, int out,
                                                   net::Deadline deadline) {
  auto side = side_of(in, out);
  if (!side) co_return fail(std::move(side).error());
  OneOfMulti one(std::move(leg), poller);
  auto ended = co_await net::scoped(one.tasks(), one.run(*std::move(side), deadline));
  co_return ended;
}

}  // namespace noports::bridge
