// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/reception.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::atclient {

using namespace std::chrono_literals;

namespace {

constexpr auto kFetch = 10s;        // a look-up through two atServers
constexpr auto kWarnEach = 10s;     // whoever may write to us could fill the log
constexpr auto kRefetchEach = 10s;  // one sender cannot make us ask more often

constexpr std::string_view kSharedKey = "shared_key";

Unexpected improper(const char* what) { return fail(Errc::bad_syntax, what); }

}  // namespace

Reception::Reception(at::Atsign self, Inboxes& inboxes, SharedKeys& keys, net::TaskGroup& tasks)
    : self_(std::move(self)), inboxes_(inboxes), keys_(keys), tasks_(tasks) {}

// Only "@us:<key>@sender" from that sender, with a value of bounded size.
Result<Reception::Arrival> Reception::examine(at::Notification notification) const {
  if (notification.operation != at::Operation::update || notification.is_text) {
    return improper("it is no letter");
  }
  auto from = at::Atsign::parse(notification.from);
  const auto to = at::Atsign::parse(notification.to);
  if (!from || !to || *to != self_) return improper("it is not for us");
  auto key = at::Key::parse(notification.key);
  if (!key || key->cached || key->scope != at::Key::Scope::shared || key->with != self_ ||
      key->owner != *from) {
    return improper("its key does not belong to its sender and to us");
  }
  if (!notification.value || notification.value->size() > kMostValue) {
    return improper("it has no value, or too large a one");
  }
  auto sealing = sealing_of(notification);
  Note note{std::move(notification.id), *std::move(from), std::move(key->name),
            *std::move(notification.value), notification.epoch_millis};
  return Arrival{std::move(note), std::move(sealing)};
}

void Reception::drop(const Note& note, std::string_view reason) {
  const auto now = Clock::now();
  const bool warns = now >= next_warning_;
  if (warns) next_warning_ = now + kWarnEach;
  log::write(
      warns ? log::Level::warn : log::Level::debug, "atclient", "a notification is dropped",
      {{"from", note.from.str()}, {"key", note.key.str()}, {"id", note.id}, {"reason", reason}});
}

void Reception::hear(at::Notification notification) {
  auto arrival = examine(std::move(notification));
  if (!arrival) {  // our own enrolments, other applications, nonsense
    log::debug("atclient", "a notification is ignored", {{"reason", arrival.error().what()}});
    return;
  }
  if (arrival->note.key.str() == kSharedKey) {  // its record is ours to fetch, not to read here
    keys_.forget_incoming(arrival->note.from);
    return;
  }
  if (is_released_) return admit(*std::move(arrival));
  if (held_.size() == kMostHeld) {
    drop(held_.front().note, "nobody has subscribed yet, and too many wait");
    held_.pop_front();
  }
  held_.push_back(*std::move(arrival));
}

void Reception::release() {
  if (std::exchange(is_releasing_, true)) return;
  tasks_.spawn(deliver_held());
}

asio::awaitable<void> Reception::deliver_held() {
  co_await asio::post(tasks_.executor(), asio::use_awaitable);
  is_released_ = true;
  for (auto& arrival : std::exchange(held_, {})) admit(std::move(arrival));
}

void Reception::admit(Arrival arrival) {
  if (!inboxes_.is_wanted(arrival.note.from, arrival.note.key.str())) return;
  auto proper = check(arrival.sealing, /*may_be_undeclared=*/false);
  if (!proper) return drop(arrival.note, proper.error().what());
  auto key = keys_.enclosed(arrival.note.from, arrival.sealing);
  if (!key) return drop(arrival.note, key.error().what());
  if (!*key) return fetch_key(std::move(arrival), /*fresh=*/false);
  const auto was_enclosed = arrival.sealing.shared_key_enc.has_value();
  if (deliver(arrival, **key)) return;
  // The key that we remember may be an old one.
  if (!was_enclosed && may_refetch(arrival.note.from)) {
    return fetch_key(std::move(arrival), /*fresh=*/true);
  }
  drop(arrival.note, "it cannot be decrypted");
}

bool Reception::deliver(Arrival arrival, const crypto::Secret& key) {
  auto value = unseal(key, arrival.note.value, arrival.sealing.iv);
  if (!value) return false;
  arrival.note.value = *std::move(value);
  log::debug("atclient", "a notification has arrived",
             {{"from", arrival.note.from.str()},
              {"key", arrival.note.key.str()},
              {"id", arrival.note.id}});
  inboxes_.deliver(arrival.note);
  return true;
}

bool Reception::may_refetch(const at::Atsign& sender) {
  const auto now = Clock::now();
  std::erase_if(refetched_, [&](const auto& one) { return one.second + kRefetchEach <= now; });
  return refetched_.size() < SharedKeys::kMost && refetched_.emplace(sender, now).second;
}

void Reception::fetch_key(Arrival arrival, bool fresh) {
  const auto under_way = static_cast<std::size_t>(fetching_.use_count()) - 1;
  if (under_way >= kMostFetched) {
    return drop(arrival.note, "too many notifications came without their key");
  }
  tasks_.spawn(deliver_fetched(std::move(arrival), fresh, fetching_));
}

asio::awaitable<void> Reception::deliver_fetched(Arrival arrival, bool fresh, Token) {
  auto key = co_await keys_.incoming(arrival.note.from, fresh, net::in(kFetch));
  if (!key) {
    drop(arrival.note, key.error().what());
  } else if (!deliver(arrival, **key)) {
    drop(arrival.note, "it cannot be decrypted");
  }
}

}  // namespace noports::atclient
