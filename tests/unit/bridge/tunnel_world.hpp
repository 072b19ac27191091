// SPDX-License-Identifier: BSD-3-Clause
// A small relay, a service, applications, and both ends of a tunnel, in one loop.
#pragma once

#include <sys/ioctl.h>

#include <array>
#include <asio/connect.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "noports/bridge/auth_line.hpp"
#include "noports/bridge/control.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/bridge/remote_dialer.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"
#include "unit/bridge/doubles.hpp"
#include "unit/bridge/peer.hpp"

namespace noports::test {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
using Kind = bridge::Protection::Kind;

inline std::uint16_t port_of(const net::Acceptor& acceptor) {
  return acceptor.local_endpoint().port();
}

// Reads up to and with LF, not a byte more.
inline asio::awaitable<std::string> read_line(net::Socket& socket) {
  std::string line;
  for (char c = 0; c != '\n';) {
    const auto [code, n] = co_await asio::async_read(socket, asio::buffer(&c, 1), kTuple);
    if (code) co_return std::string();
    line += c;
  }
  co_return line;
}

inline asio::awaitable<std::string> read_all(net::Socket& socket) {
  std::string text;
  std::vector<char> bytes(65536);
  for (;;) {
    const auto [code, n] = co_await socket.async_read_some(asio::buffer(bytes), kTuple);
    text.append(bytes.data(), n);
    if (code) co_return code == asio::error::eof ? text : "<" + code.message() + ">";
  }
}

inline asio::awaitable<void> write(net::Socket& socket, std::string text) {
  co_await asio::async_write(socket, asio::buffer(text), kTuple);
}

// Reads a line from each socket, then joins the sides first come, first served.
class SmallRelay {
 public:
  SmallRelay(asio::io_context& loop, net::Poller& poller)
      : a_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
        b_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
        pumps_(poller),
        tasks_(loop.get_executor(), [](std::exception_ptr) { std::abort(); }) {
    tasks_.spawn(accept(a_, waiting_a_, "client\n"));
    tasks_.spawn(accept(b_, waiting_b_, "device\n"));
  }
  std::uint16_t port_a() const { return port_of(a_); }
  std::uint16_t port_b() const { return port_of(b_); }
  net::TaskGroup& tasks() { return tasks_; }

  // What passed the pair that was joined as number `index`.
  struct Seen {
    std::shared_ptr<std::string> up = std::make_shared<std::string>();
    std::shared_ptr<std::string> down = std::make_shared<std::string>();
  };
  std::vector<Seen> seen;
  std::vector<bridge::Pumps::Id> pairs;  // in the order of joining; the first is the control pair
  std::size_t refused = 0;               // sockets that did not say their line
  bool keeps_what_it_sees = true;

  void abort(std::size_t index) { pumps_.abort(pairs.at(index)); }
  std::size_t living() const { return pumps_.size(); }
  std::size_t waiting() const { return waiting_a_.size() + waiting_b_.size(); }

 private:
  asio::awaitable<void> accept(net::Acceptor& acceptor, std::deque<net::Socket>& waiting,
                               std::string line) {
    for (;;) {
      auto socket = co_await net::accept(acceptor);
      if (!socket) co_return;
      const auto said = co_await read_line(*socket);
      if (said != line) {
        ++refused;
        continue;
      }
      waiting.push_back(*std::move(socket));
      join();
    }
  }
  void join() {
    while (!waiting_a_.empty() && !waiting_b_.empty()) {
      seen.emplace_back();
      bridge::Codecs taps;
      if (keeps_what_it_sees) {
        taps.a_to_b = std::make_unique<Tap>(seen.back().up);
        taps.b_to_a = std::make_unique<Tap>(seen.back().down);
      }
      pairs.push_back(pumps_.join(bridge::Side(std::move(waiting_a_.front())),
                                  bridge::Side(std::move(waiting_b_.front())), std::move(taps), {},
                                  {}));
      waiting_a_.pop_front();
      waiting_b_.pop_front();
    }
  }

  net::Acceptor a_, b_;
  std::deque<net::Socket> waiting_a_, waiting_b_;
  bridge::Pumps pumps_;
  net::TaskGroup tasks_;
};

// Answers each connection with "echo:" and what it said, after it has said all of it.
class Service {
 public:
  explicit Service(asio::io_context& loop)
      : acceptor_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
        tasks_(loop.get_executor(), [](std::exception_ptr) { std::abort(); }) {
    tasks_.spawn(accept());
  }
  std::uint16_t port() const { return port_of(acceptor_); }
  net::TaskGroup& tasks() { return tasks_; }
  std::size_t accepted = 0;
  std::string greeting;            // said before anything was heard
  std::vector<std::string> heard;  // by each; "<...>" at its end: how it broke
  bool holds = false;              // accepts, then neither reads nor writes nor ends
  std::string refusal;             // answers the first line with this, and wants to hear no more
  std::size_t refused = 0;         // those that were answered so and closed

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await net::accept(acceptor_);
      if (!socket) co_return;
      ++accepted;
      if (holds)
        held_.push_back(*std::move(socket));
      else
        tasks_.spawn(serve(*std::move(socket)));
    }
  }
  asio::awaitable<void> serve(net::Socket socket) {
    if (!greeting.empty()) co_await write(socket, greeting);
    if (!refusal.empty()) co_return co_await refuse(std::move(socket));
    heard.push_back(co_await read_all(socket));
    co_await write(socket, "echo:" + heard.back());
  }
  // As a careful server does it: reads on until the other machine has the answer and its end, then
  // closes, whatever still comes.
  asio::awaitable<void> refuse(net::Socket socket) {
    heard.push_back(co_await read_line(socket));
    co_await write(socket, refusal);
    std::error_code ignored;
    socket.shutdown(net::Socket::shutdown_send, ignored);
    std::vector<char> bytes(4096);
    for (int queued = 1; queued != 0;) {
      const auto [code, n] = co_await socket.async_read_some(asio::buffer(bytes), kTuple);
      if (code || ::ioctl(socket.native_handle(), TIOCOUTQ, &queued) != 0) break;
    }
    ++refused;
  }

  net::Acceptor acceptor_;
  std::vector<net::Socket> held_;
  net::TaskGroup tasks_;
};

// Relay, service and the means to run both ends.
struct TunnelWorld {
  TunnelWorld() {
    std::signal(SIGPIPE, SIG_IGN);
    target.host = "127.0.0.1";
    target.port = service.port();
    serve_options.idle = kPatience;
    serve_options.on_trouble = [this](const Error& e) { client_trouble.push_back(e); };
    dial_options.idle = kPatience;
    dial_options.on_trouble = [this](const Error& e) { device_trouble.push_back(e); };
  }
  ~TunnelWorld() {
    for (auto* group : {&ends, &relay.tasks(), &service.tasks()}) {
      group->cancel();
      run(loop, group->join());
    }
  }

  bridge::Leg leg(bridge::End end, const bridge::Protection& protection) const {
    bridge::Leg made;
    const bool is_client = end == bridge::End::client;
    made.relay_host = "127.0.0.1";
    made.relay_port = is_client ? relay.port_a() : relay.port_b();
    made.authenticate = bridge::auth_line(is_client ? "client\n" : "device\n");
    made.protection = protection.copy();
    made.takes_heartbeats = takes_heartbeats;
    return made;
  }

  // The device first, then the client, as in life; returns the local port.
  std::uint16_t start(Kind kind) {
    const auto session = bridge::fresh_protection(kind);
    start_device(session);
    listener.emplace(*bridge::LocalListener::open(loop.get_executor(), "127.0.0.1", 0));
    serve_options.on_ready = [this] { is_ready = true; };
    ends.spawn(client(leg(bridge::End::client, session)));
    if (!eventually(loop, [this] { return is_ready || client_ended; })) std::abort();
    return listener->port();
  }
  void start_device(const bridge::Protection& session) {
    auto opened =
        run(loop, bridge::RemoteDialer::open_multi(leg(bridge::End::device, session), target,
                                                   poller, net::in(kPatience), dial_options));
    if (!opened) throw std::runtime_error(opened.error().what());
    dialer = *std::move(opened);
    ends.spawn(device());
  }
  asio::awaitable<void> client(bridge::Leg its_leg) {
    auto ended =
        co_await listener->serve(std::move(its_leg), poller, net::in(kPatience), serve_options);
    client_ended.emplace(std::move(ended));
  }
  asio::awaitable<void> device() {
    auto ended = co_await dialer->serve();
    device_ended.emplace(std::move(ended));
  }
  bool wait_for(std::function<bool()> condition) { return eventually(loop, std::move(condition)); }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  SmallRelay relay{loop, poller};
  Service service{loop};
  bridge::Target target;
  bridge::ServeOptions serve_options;
  bridge::DialOptions dial_options;
  std::vector<Error> client_trouble, device_trouble;
  std::vector<std::string> answers;  // of applications that run beside the test
  std::optional<bridge::LocalListener> listener;
  std::unique_ptr<bridge::RemoteDialer> dialer;
  bool is_ready = false;
  bool takes_heartbeats = false;
  std::optional<Result<bridge::Summary>> client_ended, device_ended;
  net::TaskGroup ends{loop.get_executor(), [](std::exception_ptr) { std::abort(); }};
};

// An application whose socket the test moves by hand.
inline Peer application(std::uint16_t port) {
  asio::io_context loop;
  net::Socket socket(loop);
  socket.connect({asio::ip::address_v4::loopback(), port});
  return Peer(bridge::take_fd(std::move(socket)));
}

// An application: says, half-closes, hears everything.
inline asio::awaitable<std::string> ask(std::uint16_t port, std::string text) {
  net::Socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  const auto [code] = co_await socket.async_connect(where, kTuple);
  if (code) co_return "<" + code.message() + ">";
  co_await write(socket, std::move(text));
  std::error_code ignored;
  socket.shutdown(net::Socket::shutdown_send, ignored);
  co_return co_await read_all(socket);
}

}  // namespace noports::test
