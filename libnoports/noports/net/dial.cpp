// SPDX-License-Identifier: BSD-3-Clause
// Happy Eyeballs (RFC 8305, 5): staggered attempts, the first that connects wins.
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "noports/base/text.hpp"
#include "noports/net/resolve.hpp"
#include "noports/net/tcp.hpp"

namespace noports::net {
namespace {

using Endpoint = asio::ip::tcp::endpoint;

constexpr std::chrono::milliseconds kStagger{250};  // RFC 8305, 8: Connection Attempt Delay

// The attempts of one dial. Handlers hold it, so that it outlives a dial that was cancelled.
class Attempts : public std::enable_shared_from_this<Attempts> {
 public:
  explicit Attempts(const asio::any_io_executor& executor) : changed_(executor) {}

  void start(const Endpoint& endpoint) {
    const auto mine = sockets_.emplace(sockets_.end(), changed_.get_executor());
    std::error_code code;
    mine->open(endpoint.protocol(), code);
    if (code) return ended(mine, code);
    prepare(*mine);
    ++open_;
    mine->async_connect(endpoint, [self = shared_from_this(), mine](const std::error_code& ec) {
      --self->open_;
      self->ended(mine, ec);
    });
  }

  // Waits until an attempt has ended or `span` has passed.
  asio::awaitable<void> change(std::chrono::steady_clock::duration span) {
    changed_.expires_after(span);
    co_await changed_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_await checkpoint();
  }

  std::optional<Socket>& winner() noexcept { return winner_; }
  bool any_open() const noexcept { return open_ > 0; }
  std::error_code error() const noexcept { return error_; }

  void stop() noexcept {
    std::error_code ignored;
    for (auto& socket : sockets_) socket.close(ignored);
  }

 private:
  void ended(std::list<Socket>::iterator mine, const std::error_code& code) {
    if (!code && !winner_) winner_.emplace(std::move(*mine));
    if (code && code != asio::error::operation_aborted) error_ = code;
    sockets_.erase(mine);
    changed_.cancel();
  }

  std::list<Socket> sockets_;
  std::optional<Socket> winner_;
  std::error_code error_;  // of the attempt that failed last
  std::size_t open_ = 0;
  asio::steady_timer changed_;
};

// Ends the losers, also when the dial unwinds.
class Stop {
 public:
  explicit Stop(std::shared_ptr<Attempts> attempts) : attempts_(std::move(attempts)) {}
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;
  ~Stop() { attempts_->stop(); }

 private:
  std::shared_ptr<Attempts> attempts_;
};

Error dial_error(const std::error_code& code, const std::string& where) {
  using namespace asio::error;
  if (code == connection_refused) {
    return Error(Errc::disconnected, "connection refused by " + where)
        .hint("check that the service runs and that the port is right");
  }
  if (code == host_unreachable || code == network_unreachable) {
    return Error(Errc::disconnected, "no route to " + where)
        .hint("check the network connection of this machine");
  }
  if (code == timed_out) return Error(Errc::timed_out, "no answer");  // dial() says from whom
  if (code == access_denied || code == no_permission) {
    return Error(Errc::disconnected, "connecting to " + where + ": not permitted by this machine")
        .hint("check its firewall");
  }
  return to_error(code, "connecting to " + where);
}

asio::awaitable<Result<Socket>> connect_any(std::vector<Endpoint> endpoints, std::string where) {
  const auto attempts = std::make_shared<Attempts>(co_await asio::this_coro::executor);
  const Stop stop(attempts);
  for (const auto& endpoint : endpoints) {
    attempts->start(endpoint);
    if (attempts->any_open()) co_await attempts->change(kStagger);
    if (attempts->winner()) break;
  }
  while (!attempts->winner() && attempts->any_open()) {
    co_await attempts->change(std::chrono::hours(1));  // the deadline or the kernel end it earlier
  }
  if (!attempts->winner()) co_return fail(dial_error(attempts->error(), where));
  co_return std::move(*attempts->winner());
}

asio::awaitable<Result<Socket>> resolve_and_connect(std::string host, std::uint16_t port) {
  auto endpoints = co_await resolve(host, port);
  if (!endpoints) co_return fail(std::move(endpoints).error());
  co_return co_await connect_any(*std::move(endpoints), endpoint_text(printable(host), port));
}

}  // namespace

asio::awaitable<Result<Socket>> dial(std::string host, std::uint16_t port, Deadline deadline) {
  auto socket = co_await before(deadline, resolve_and_connect(host, port));
  if (!socket && socket.error().code() == Errc::timed_out) {
    const std::string doing = "connecting to " + endpoint_text(printable(host), port);
    co_return fail(std::move(socket).error().during(doing).hint(
        "check that the host is up and that no firewall blocks the port"));
  }
  co_return socket;
}

}  // namespace noports::net
