// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/courier.hpp"

#include <algorithm>
#include <array>

#include "noports/atserver/server_notify.hpp"
#include "noports/base/finally.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr std::chrono::seconds kPatience{10};  // for a connection, and for each answer (1.7)
constexpr std::size_t kLongestAnswer = 4096;   // bytes
constexpr std::int64_t kMostRetries = 30;      // refusals of one notification (4.2)
// Between attempts: twice as long each time.
constexpr std::chrono::milliseconds kFirstRest{500}, kLongestRest{10'000};

// What asking again does not change.
constexpr std::array<std::string_view, 5> kFinal = {"AT0003", "AT0005", "AT0009", "AT0016",
                                                    "AT0022"};

std::chrono::milliseconds rest_after(int failures) {
  auto rest = kFirstRest;
  for (int i = 1; i < failures && rest < kLongestRest; ++i) rest *= 2;
  rest = std::min(rest, kLongestRest);
  // Many recipients behind one platform do not come back in the same instant.
  const auto spread = static_cast<std::uint32_t>(rest.count() / 4);
  return rest - std::chrono::milliseconds(crypto::random_below(spread + 1));
}

}  // namespace

void Courier::take(const Account& sender, const Outgoing& outgoing, std::int64_t now) {
  auto& notifications = services_.store->notifications;
  Sending sending{outgoing.note.id, outgoing.to, outgoing.note.key,
                  outgoing.command, now,         outgoing.expires};
  sending.latest = outgoing.latest;
  if (!notifications.send(sender.id, sending, NoteStatus::queued)) return;
  if (outgoing.latest) {
    notifications.supersede(sender.id, outgoing.to, *outgoing.latest, outgoing.latest_count);
  }
  // Not before it is stored: the client is told that it is queued.
  services_.commits->after(
      [this, route = Route(sender.atsign.str(), outgoing.to.str())](bool kept) {
        if (kept) nudge(route);
      });
}

void Courier::start() {
  std::vector<Route> routes;
  {
    Database::Scope scope(services_.store->database());
    const auto accounts = services_.store->accounts.all();
    for (const auto& [id, to] : services_.store->notifications.queues()) {
      const auto from = std::find_if(accounts.begin(), accounts.end(),
                                     [id = id](const Account& one) { return one.id == id; });
      if (from != accounts.end()) routes.emplace_back(from->atsign.str(), to);
    }
    if (const auto read = scope.finish(); !read) {
      log::error("atserver", "the queue cannot be read", {{"why", read.error().what()}});
    }
  }
  for (const auto& route : routes) nudge(route);
}

void Courier::nudge(const Route& route) {
  const auto [lane, is_new] = lanes_.try_emplace(route);
  lane->second.nudged = true;
  if (is_new) services_.tasks.spawn(serve(route));
}

asio::awaitable<void> Courier::serve(Route route) {
  const Finally left([this, &route] { lanes_.erase(route); });
  auto& lane = lanes_.at(route);
  for (;;) {
    lane.nudged = false;
    const auto after = co_await bring(route);
    if (after == After::done && !lane.nudged) co_return;
    if (after != After::rest) {
      lane.failures = 0;
      continue;
    }
    co_await net::pause(rest_after(++lane.failures));
  }
}

asio::awaitable<Courier::After> Courier::bring(Route route) {
  const auto from_name = at::Atsign::parse(route.first);
  const auto to = at::Atsign::parse(route.second);
  if (!from_name || !to) co_return After::done;
  std::optional<Account> from;
  {
    Database::Scope scope(services_.store->database());
    from = services_.store->accounts.find(*from_name);
    if (!scope.finish()) co_return After::rest;
  }
  if (!from) co_return After::done;
  const auto waiting = next(*from, *to);
  if (!waiting) co_return After::done;
  auto proved = co_await links_.prove(*from, *to, net::in(kPatience));
  if (const auto* refused = std::get_if<at::Refusal>(&proved)) {
    if (refused->code == "AT0007" || refused->code == "AT0013") {
      co_return give_up(*from, *to, *refused);
    }
    log::debug("atserver", "notifications wait",
               {{"from", route.first}, {"to", route.second}, {"why", refused->text}});
    note_retry(*waiting);
    co_return After::rest;
  }
  co_return co_await bring_through(*from, *to, std::get<0>(proved));
}

asio::awaitable<Courier::After> Courier::bring_through(Account from, at::Atsign to,
                                                       PeerLinks::Held& held) {
  bool first = true;
  for (;;) {
    const auto note = next(from, to);
    if (!note) co_return After::done;
    auto line = server_notify(note->command, from.atsign);
    if (!line) {
      settle(*note, NoteStatus::errored);
      continue;
    }
    const auto answer = co_await held->ask(*std::move(line), kLongestAnswer, net::in(kPatience));
    if (!answer) {
      // One that was kept may have ended meanwhile.
      if (first && !held.is_fresh()) co_return After::again;
      note_retry(*note);
      co_return After::rest;
    }
    const auto after = judge(from, to, *note, *answer);
    if (after != After::again) co_return after;
    first = false;
  }
}

Courier::After Courier::judge(const Account& from, const at::Atsign& to, const Queued& note,
                              const PeerLine& answer) {
  const auto* data = std::get_if<at::Data>(&answer);
  if (data && data->text == "success") {
    settle(note, NoteStatus::delivered);
    return After::again;
  }
  const auto* refusal = std::get_if<at::Refusal>(&answer);
  if (refusal && refusal->code == "AT0013") return give_up(from, to, *refusal);
  const bool is_final =
      refusal && std::find(kFinal.begin(), kFinal.end(), refusal->code) != kFinal.end();
  if (is_final || note.retries >= kMostRetries) {
    settle(note, NoteStatus::errored);
    return After::again;
  }
  note_retry(note);
  return After::rest;
}

// Nobody is there, or lets us in: what is queued will not be taken.
Courier::After Courier::give_up(const Account& from, const at::Atsign& to, const at::Refusal& why) {
  log::info("atserver", "notifications are given up",
            {{"from", from.atsign.str()}, {"to", to.str()}, {"why", why.code}});
  Database::Scope scope(services_.store->database());
  services_.store->notifications.give_up(from.id, to);
  const auto kept = scope.finish();
  services_.commits->after([](bool) {});
  return kept ? After::done : After::rest;
}

std::optional<Queued> Courier::next(const Account& from, const at::Atsign& to) {
  Database::Scope scope(services_.store->database());
  auto note = services_.store->notifications.next_queued(from.id, to, wall_clock());
  if (!scope.finish()) return std::nullopt;
  return note;
}

void Courier::settle(const Queued& note, NoteStatus status) {
  Database::Scope scope(services_.store->database());
  services_.store->notifications.settle(note.row, status);
  static_cast<void>(scope.finish());
  services_.commits->after([](bool) {});
}

void Courier::note_retry(const Queued& note) {
  Database::Scope scope(services_.store->database());
  services_.store->notifications.note_retry(note.row);
  static_cast<void>(scope.finish());
  services_.commits->after([](bool) {});
}

}  // namespace noports::atserver
