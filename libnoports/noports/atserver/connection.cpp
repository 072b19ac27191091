// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/connection.hpp"

#include <algorithm>

#include "noports/atserver/http_lookup.hpp"
#include "noports/atserver/http_server.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

// Stored notifications are read in pages, the next when the ones before are mostly written.
constexpr std::size_t kPage = 64;
constexpr std::size_t kRefill = 256 * 1024;  // bytes

// The next command is taken while answers wait for the disk, so that many share a commit; within
// bounds: other connections have their turn, and a peer that does not read costs no more than this.
constexpr std::size_t kMostOwed = 64;         // answers
constexpr std::size_t kLongOwed = 16 * 1024;  // bytes; a longer answer is waited for

// Without a prompt: nothing more is heard (atprotocol-wire.md 7.1).
constexpr const char* kTooMany = "error:AT0012-Inbound connection limit exceeded\n";

}  // namespace

Connection::Connection(Services& services, Account account, std::shared_ptr<Wire> wire,
                       Admission::Slot slot)
    : services_(services),
      session_(*services.store, std::move(account), "_" + crypto::random_uuid()),
      wire_(std::move(wire)),
      slot_(std::move(slot)) {}

// However the conversation ends, also by cancellation: the monitors must not remember a connection
// that is gone.
class Connection::Farewell {
 public:
  explicit Farewell(Connection& connection) : connection_(connection) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { connection_.finish(); }

 private:
  Connection& connection_;
};

Moment Connection::moment() const {
  Moment moment;
  moment.network = slot_.address();
  moment.now = wall_clock();
  moment.uuid = crypto::random_uuid();
  moment.vitals.started = services_.started;
  moment.vitals.inbound = services_.owners.size(session_.account().atsign.str());
  moment.vitals.outbound = services_.outbox->connections();
  return moment;
}

asio::awaitable<bool> Connection::hold_back(std::chrono::milliseconds wait) {
  if (wait.count() <= 0) co_return true;
  const auto ready = net::in(wait);
  const auto end = wire_->deadline().value_or(ready);
  co_await net::pause(std::min(ready, end) - net::Deadline::clock::now());
  co_return ready <= end;
}

asio::awaitable<void> Connection::converse(std::shared_ptr<Connection> self) {
  const Farewell farewell(*self);
  self->wire_->send(std::string(Session::kGreeting));
  for (;;) {
    auto line = co_await self->wire_->next_line();
    const bool draining = self->services_.drain.has_begun();
    const auto work = std::make_shared<const Drain::Work>(self->services_.drain);
    if (draining || !line) {
      const bool too_long = !draining && line.error().code() == Errc::bad_syntax;
      if (too_long) self->queue_answer(self->session_.line_too_long(), work);
      co_await self->wire_->settled();  // who has said all still hears the answers
      break;
    }
    auto outcome = co_await self->answer_line(*std::move(line));
    self->follow_enrolment();
    self->take_seat(outcome);
    if (!co_await self->hold_back(outcome.wait)) break;
    self->queue_answer(outcome, work);
    if (outcome.monitor) self->start_monitor();
    if (!self->may_go_on(outcome)) {
      const bool settled = co_await self->wire_->settled();
      if (!settled || outcome.close) break;
    }
    self->follow_authentication();
  }
}

bool Connection::may_go_on(const Outcome& outcome) const noexcept {
  return !outcome.close && !outcome.monitor && !wire_->is_closed() &&
         outcome.answer.size() < kLongOwed && wire_->owed() < kMostOwed;
}

// A step of the session and its deliveries: all of it is stored, or nothing.
Outcome Connection::in_scope(const std::function<Outcome()>& step) {
  services_.arrived.clear();
  Database::Scope scope(services_.store->database());
  auto outcome = step();
  for (const auto& arrival : outcome.arrivals) services_.arrived.push_back(arrival);
  const auto now = wall_clock();
  for (const auto& outgoing : outcome.deliveries) services_.outbox->deliver(outgoing, now);
  if (const auto kept = scope.finish(); !kept) {
    log::error("atserver", "a request could not be stored", {{"why", kept.error().what()}});
    return session_.storage_failed();
  }
  if (outcome.peer_key_changed && session_.peer()) {
    log::warn("atserver", "the signing key of another atServer has changed",
              {{"atsign", session_.account().atsign.str()}, {"peer", session_.peer()->str()}});
  }
  for (auto& arrival : services_.arrived) {
    services_.commits->after(
        [&monitors = services_.monitors, arrival = std::move(arrival)](bool kept) {
          if (kept) monitors.announce(arrival);
        });
  }
  services_.arrived.clear();
  if (!outcome.ended.empty()) {
    services_.commits->after([self = shared_from_this(), ended = outcome.ended](bool kept) {
      if (!kept) return;
      for (const auto& id : ended) {
        const auto account = self->session_.account().id;
        const auto closed = self->services_.enrolled.close(account, id, self->wire_.get());
        log::info("atserver", "an enrolment has ended",
                  {{"atsign", self->session_.account().atsign.str()},
                   {"enrolment", id},
                   {"connections", closed}});
      }
    });
  }
  return outcome;
}

asio::awaitable<Outcome> Connection::answer_line(std::string line) {
  auto outcome = in_scope([&] { return session_.take(line, moment()); });
  while (outcome.ask) {
    auto whom = std::move(outcome.ask->whom);
    auto request = std::move(outcome.ask->request);
    const auto answer = co_await services_.outbox->ask(session_.account().atsign, std::move(whom),
                                                       std::move(request), wall_clock());
    outcome = in_scope([&] { return session_.resume(answer, moment()); });
  }
  co_return outcome;
}

// Before anything else is awaited: the enrolment may end in the meantime.
void Connection::follow_enrolment() {
  const auto& id = session_.enrolment();
  if (place_ && id && place_->id() == *id) return;
  place_.reset();
  if (id) place_.emplace(services_.enrolled, session_.account().id, *id, wire_);
}

Connection::Standing Connection::standing() const noexcept {
  if (session_.is_authenticated()) return Standing::owner;
  return session_.peer() ? Standing::peer : Standing::stranger;
}

// A log-in that makes one connection too many comes to a refusal.
void Connection::take_seat(Outcome& outcome) {
  const auto now = standing();
  const auto& self = session_.account().atsign.str();
  const auto whom = now == Standing::peer ? self + session_.peer()->str() : self;
  if (now == Standing::stranger || whom != seated_as_) seat_.reset();
  if (now == Standing::stranger || seat_) return;
  seated_as_ = whom;
  auto& admission = now == Standing::owner ? services_.owners : services_.peers;
  if (auto seat = admission.enter(whom)) {
    seat_.emplace(*std::move(seat));
    return;
  }
  if (const auto refused = services_.refusals.note(net::Deadline::clock::now())) {
    log::warn("atserver", "connections are refused: too many of one atSign",
              {{"refused", refused}, {"atsign", self}, {"peer", wire_->peer()}});
  }
  outcome = Outcome();
  outcome.answer = kTooMany;
  outcome.close = true;
}

void Connection::queue_answer(const Outcome& outcome, std::shared_ptr<const Drain::Work> work) {
  if (outcome.answer.empty()) return;
  wire_->owe();
  services_.commits->after(
      [self = shared_from_this(), answer = outcome.answer, work = std::move(work)](bool kept) {
        if (kept) return self->wire_->pay(answer, work);
        self->wire_->send(self->session_.storage_failed().answer);
        self->wire_->close();
      });
}

// Limits follow what the session knows of its peer.
void Connection::follow_authentication() {
  const auto now = standing();
  if (now == Standing::peer) wire_->set_deadline(net::in(services_.limits.peer_idle));
  if (now == standing_) return;
  const auto before = std::exchange(standing_, now);
  if (now == Standing::owner) wire_->set_deadline(std::nullopt);
  if (now != Standing::stranger) {
    slot_.leave();
    wire_->set_line_limit(services_.limits.line);
    const auto& who = session_.peer() ? *session_.peer() : session_.account().atsign;
    log::debug("atserver", "authenticated", {{"atsign", who.str()}, {"peer", wire_->peer()}});
  } else if (before != Standing::stranger) {
    slot_.come_back();
    wire_->set_deadline(net::in(services_.limits.stranger));
    wire_->set_line_limit(services_.limits.stranger_line);
  }
}

void Connection::start_monitor() {
  const auto account = session_.account().id;
  if (!monitors_) services_.monitors.add(account, *this);
  monitors_ = true;
  Database::Scope scope(services_.store->database());
  seen_ = services_.store->notifications.last_epoch(account);
  if (!scope.finish()) return wire_->close();
  // A client whose clock is ahead of ours may name an epoch that has not been yet.
  const auto since = session_.monitor()->since;
  if (since) seen_ = std::min(seen_, *since);
  caught_up_ = !since;
  wire_->on_drained([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->catch_up();
  });
  catch_up();
}

void Connection::offer(const Arrival& arrival) {
  if (!caught_up_ || arrival.epoch <= seen_ || !session_.monitor()) return;
  if (session_.monitor()->has_ended(wall_clock())) return wire_->close();
  seen_ = arrival.epoch;
  if (!session_.monitor()->wants(arrival)) return;
  if (wire_->queued() > services_.limits.queue) {
    log::warn("atserver", "a monitor does not read and is dropped",
              {{"atsign", session_.account().atsign.str()}, {"peer", wire_->peer()}});
    return wire_->close();
  }
  wire_->send(*arrival.line);
}

// Whoever does not read it can do without.
void Connection::tell(const std::string& line) {
  if (!session_.monitor() || wire_->queued() > services_.limits.queue) return;
  if (session_.monitor()->has_ended(wall_clock())) return wire_->close();
  wire_->send(line);
}

// Sends what is stored, as fast as it is read; not before it is durable.
void Connection::catch_up() {
  if (caught_up_) return;
  services_.commits->after([self = shared_from_this()](bool kept) {
    auto& store = *self->services_.store;
    const auto account = self->session_.account().id;
    while (kept && !self->caught_up_ && self->session_.monitor() && !self->wire_->is_closed() &&
           self->wire_->queued() < kRefill) {
      Database::Scope scope(store.database());
      const auto page = store.notifications.after(account, self->seen_, wall_clock(), kPage);
      if (!scope.finish()) return self->wire_->close();
      self->caught_up_ = page.empty();
      for (const auto& arrival : page) {
        self->seen_ = arrival.epoch;
        if (self->session_.monitor()->wants(arrival)) self->wire_->send(*arrival.line);
      }
    }
  });
}

void Connection::finish() noexcept {
  place_.reset();
  if (monitors_) services_.monitors.remove(session_.account().id, *this);
  monitors_ = false;
  slot_.leave();  // what still holds this object is no connection
  wire_->close();
}

asio::awaitable<void> serve_atserver(Services& services, net::Socket socket, Admission::Slot slot,
                                     Account account) {
  const auto deadline = net::in(services.limits.stranger);
  const auto handshake = std::min(deadline, net::in(services.limits.handshake));
  auto stream = co_await net::accept_tls(services.tls, std::move(socket), handshake);
  if (!stream) {
    log::debug("atserver", "no TLS", {{"why", stream.error().what()}});
    co_return;
  }
  const bool http = (*stream)->protocol() == kHttp;
  auto wire =
      std::make_shared<Wire>(services.tasks, *std::move(stream), services.limits.stranger_line);
  wire->set_deadline(deadline);
  wire->set_patience(services.limits.patience);
  if (http) co_return co_await serve_http(services, std::move(wire), account.atsign);
  auto connection =
      std::make_shared<Connection>(services, std::move(account), std::move(wire), std::move(slot));
  co_await Connection::converse(std::move(connection));
}

}  // namespace noports::atserver
