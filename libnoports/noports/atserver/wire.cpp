// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/wire.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

namespace noports::atserver {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// What a connection holds while it waits: most commands fit, and a thousand idle monitors cost 4
// MB.
constexpr std::size_t kChunk = 4096;
// Longer lines leave a buffer of their size behind, which is then given back.
constexpr std::size_t kKeptBuffer = 64 * 1024;

}  // namespace

Wire::Wire(net::TaskGroup& tasks, std::unique_ptr<net::Stream> stream, std::size_t line_limit)
    : tasks_(tasks),
      stream_(std::move(stream)),
      framer_(line_limit),
      line_limit_(line_limit),
      paid_(tasks.executor()) {}

asio::awaitable<Result<std::string>> Wire::next_line() {
  auto deadline = deadline_;
  bool begun = false;
  for (;;) {
    // Also for lines that are here already: a stranger may have sent a thousand.
    if (deadline && net::Deadline::clock::now() >= *deadline)
      co_return fail(Errc::timed_out, "too late");
    auto line = framer_.next();
    if (!line) co_return fail(std::move(line).error());
    if (*line) {
      if ((*line)->size() > kKeptBuffer) set_line_limit(line_limit_);
      co_return **std::move(line);
    }
    if (!framer_.pending().empty() && !std::exchange(begun, true)) {
      const auto end = net::in(patience_);
      deadline = deadline ? std::min(*deadline, end) : end;
    }
    Result<std::string> bytes{std::string()};
    if (deadline) {
      bytes = co_await net::before(*deadline, stream_->read_some(kChunk));
    } else {
      bytes = co_await stream_->read_some(kChunk);
    }
    if (!bytes) co_return fail(std::move(bytes).error());
    if (bytes->empty()) co_return fail(Errc::disconnected, "the peer has closed the connection");
    framer_.feed(*bytes);
  }
}

void Wire::set_line_limit(std::size_t limit) {
  line_limit_ = limit;
  Framer fresh(limit);
  fresh.feed(framer_.take_pending());
  framer_ = std::move(fresh);
}

void Wire::send(std::string bytes) {
  Item item{std::move(bytes)};
  queue(std::move(item));
}

void Wire::pay(std::string bytes, std::shared_ptr<const void> until_written) {
  Item item{std::move(bytes), true, std::move(until_written)};
  queue(std::move(item));
}

void Wire::queue(Item item) {
  if (closed_) return;
  queued_ += item.bytes.size();
  items_.push_back(std::move(item));
  if (!std::exchange(writing_, true)) tasks_.spawn(write_out(shared_from_this()));
}

// What was asked for is read in time; of what is pushed, queued() bounds the rest.
asio::awaitable<Result<void>> Wire::write(std::string bytes, bool owed) {
  auto writing = stream_->write_all(std::move(bytes));
  if (!owed) co_return co_await std::move(writing);
  co_return co_await net::before(net::in(patience_), std::move(writing));
}

asio::awaitable<void> Wire::write_out(std::shared_ptr<Wire> self) {
  while (!self->items_.empty() && !self->closed_) {
    Item item = std::move(self->items_.front());
    self->items_.pop_front();
    const auto size = item.bytes.size();
    auto written = co_await self->write(std::move(item.bytes), item.owed);
    self->queued_ -= size;
    if (!written) self->close();
    if (item.owed && self->owed_ > 0 && --self->owed_ == 0) self->paid_.cancel();
  }
  self->writing_ = false;
  if (!self->closed_ && self->drained_) self->drained_();
}

asio::awaitable<bool> Wire::settled() {
  const auto patience = net::in(patience_);
  paid_.expires_at(deadline_ ? std::min(*deadline_, patience) : patience);
  while (owed_ > 0 && !closed_) {
    const auto [code] = co_await paid_.async_wait(kTuple);
    if (!code) close();  // it expired
    if (code) co_await net::checkpoint();
  }
  co_return !closed_;
}

void Wire::close() noexcept {
  if (std::exchange(closed_, true)) return;
  stream_->close();
  items_.clear();
  paid_.cancel();
}

}  // namespace noports::atserver
