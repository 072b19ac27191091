// SPDX-License-Identifier: BSD-3-Clause
// One connection to an atServer, as a state machine: a line in, an answer and effects out. Pure:
// time and randomness come with the line, sockets and other atServers are the caller's. It reads
// and writes the store, within the caller's Database::Scope.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/answer.hpp"
#include "noports/at/verb.hpp"
#include "noports/atserver/enrolment.hpp"
#include "noports/atserver/pattern.hpp"
#include "noports/atserver/peer.hpp"
#include "noports/atserver/store.hpp"

namespace noports::atserver {

// What statistics tell of the process (3.17, 3.20).
struct Vitals {
  std::int64_t started = 0;               // milliseconds since 1970
  std::size_t inbound = 0, outbound = 0;  // connections of this atSign; to other atServers
};

// What a line may need of the outside world.
struct Moment {
  std::int64_t now = 0;   // milliseconds since 1970
  std::string uuid;       // fresh; becomes a challenge, or the id of a notification or an enrolment
  std::string network{};  // of the peer, for what is counted by where it comes from
  Vitals vitals{};
};

// A question to another atServer; the session goes on with resume().
struct Ask {
  at::Atsign whom;
  PeerRequest request;
};

// What the connection has to do after a line, in this order.
struct Outcome {
  std::vector<Outgoing> deliveries;   // in the same Scope
  bool peer_key_changed = false;      // of the peer that has just proved itself
  std::vector<Arrival> arrivals{};    // what another atServer brought; for the monitors
  std::optional<Ask> ask;             // then nothing else is set but deliveries
  std::chrono::milliseconds wait{0};  // before the answer
  std::string answer;                 // response and prompt, for one write; empty: none
  bool monitor = false;  // from now on arrivals go to this connection: see Session::monitor()
  bool close = false;    // after the answer
  // Enrolments that ended: their other connections close at once, once this is stored.
  std::vector<std::string> ended;
};

// What a monitor connection wants to see.
struct MonitorFilter {
  Pattern pattern;
  std::optional<std::int64_t> since;  // first what is stored with a later epoch
  bool enrolments = false;            // requests for enrolments too (3.14)
  // What the enrolment of the connection may read, and until when; nothing: everything, for ever.
  std::optional<Enrolment> grant{};
  std::optional<std::int64_t> ends{};

  bool has_ended(std::int64_t now) const noexcept { return ends && *ends <= now; }
  bool wants(const Arrival& arrival) const;
};

struct Reply;

class Session {
 public:
  // `id` is "_" and a fresh UUID; `account` is the atSign whose atServer this is.
  Session(Store& store, Account account, std::string id);

  // The prompt that every connection begins with, for a TLS record of its own.
  static constexpr std::string_view kGreeting = "@";

  // `line` is without its end, and not necessarily text at all.
  Outcome take(std::string_view line, const Moment& moment);
  // The answer to the last Outcome's `ask`.
  Outcome resume(const PeerAnswer& answer, const Moment& moment);
  // The answer in place of one whose writes were lost, and for a line that was too long. Both
  // close.
  Outcome storage_failed();
  Outcome line_too_long();

  bool is_authenticated() const noexcept { return state_.is_owner; }
  const std::optional<MonitorFilter>& monitor() const noexcept { return state_.monitor; }
  const Account& account() const noexcept { return state_.account; }
  // The other atSign whose atServer this is, proved by pol.
  const std::optional<at::Atsign>& peer() const noexcept { return state_.peer; }
  // The enrolment that this connection is logged in with.
  const std::optional<std::string>& enrolment() const noexcept { return state_.enrollment; }

  // What the verbs see of a connection.
  struct State {
    Account account;
    std::string id;
    bool is_owner = false;  // proved by cram or pkam
    bool by_cram = false;
    std::optional<std::string> enrollment{};  // id; with is_owner
    // What the enrolment may do, as of this command, and until when; nothing: everything.
    std::optional<Enrolment> grant{};
    std::optional<std::int64_t> grant_ends{};
    std::vector<std::int64_t> asked{};  // when this connection asked for enrolments
    bool json_errors = false;
    int failures = 0;  // of cram and pkam together
    // The challenge that `from` gave and when; used once. Of one to another atSign, `claimed`,
    // this is the part that is signed, and good for pol alone.
    std::optional<std::string> challenge{};
    std::int64_t challenged = 0;
    std::optional<at::Atsign> claimed{};
    std::optional<std::string> proving{};  // the challenge of a pol whose proof is being fetched
    std::optional<at::Atsign> peer{};      // proved by pol; never together with is_owner
    std::optional<MonitorFilter> monitor{};
    std::optional<at::Verb> waiting{};  // for the answer to an Ask
  };

 private:
  Outcome conclude(Outcome outcome, const Reply& reply) const;
  std::string prompt(bool after_exception) const;

  Store& store_;
  State state_;
};

}  // namespace noports::atserver
