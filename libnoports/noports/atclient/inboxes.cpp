// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/inboxes.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <utility>

#include "noports/log/log.hpp"

namespace noports::atclient {

struct Inboxes::Queue {
  Queue(const asio::any_io_executor& executor, Wanted wanted_)
      : wanted(std::move(wanted_)), bell(executor, asio::steady_timer::time_point::max()) {}

  void ring() { bell.cancel(); }

  Wanted wanted;
  std::deque<Note> notes;
  asio::steady_timer bell;  // never expires; cancelled to wake the reader
  std::optional<Error> closed;
};

class Inboxes::Reader : public Inbox::Source {
 public:
  explicit Reader(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}

  asio::awaitable<Result<Note>> next() override {
    const auto queue = queue_;  // the reader may die while its wait is being cancelled
    while (queue->notes.empty()) {
      if (queue->closed) co_return fail(*queue->closed);
      co_await queue->bell.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    auto note = std::move(queue->notes.front());
    queue->notes.pop_front();
    co_return note;
  }

 private:
  std::shared_ptr<Queue> queue_;
};

Inbox Inboxes::subscribe(Wanted wanted) {
  auto queue = std::make_shared<Queue>(executor_, std::move(wanted));
  queue->closed = closed_;
  std::erase_if(queues_, [](const auto& known) { return known.expired(); });
  queues_.push_back(queue);
  return Inbox(std::make_unique<Reader>(std::move(queue)));
}

bool Inboxes::is_wanted(const at::Atsign& from, std::string_view key) const {
  for (const auto& known : queues_) {
    const auto queue = known.lock();
    if (queue && queue->wanted(from, key)) return true;
  }
  return false;
}

std::size_t Inboxes::deliver(const Note& note) {
  std::size_t takers = 0;
  const auto known = queues_;  // a filter may subscribe
  for (const auto& one : known) {
    const auto queue = one.lock();
    if (!queue || queue->closed || !queue->wanted(note.from, note.key.str())) continue;
    if (queue->notes.size() == kMost) {
      log::warn("atclient", "an inbox is full, its oldest notification is dropped",
                {{"from", queue->notes.front().from.str()}, {"id", queue->notes.front().id}});
      queue->notes.pop_front();
    }
    queue->notes.push_back(note);
    queue->ring();
    ++takers;
  }
  return takers;
}

Inboxes::~Inboxes() { close(Error(Errc::disconnected, "the mailbox is closed")); }

void Inboxes::close(const Error& why) {
  if (closed_) return;
  closed_ = why;
  for (const auto& known : queues_) {
    if (const auto queue = known.lock()) {
      queue->closed = why;
      queue->ring();
    }
  }
}

}  // namespace noports::atclient
