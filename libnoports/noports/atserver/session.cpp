// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/session.hpp"

#include <algorithm>
#include <array>

#include "noports/atserver/access.hpp"
#include "noports/atserver/enrolment_names.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

// Commands of the reference that this server does not have.
constexpr std::array<std::string_view, 1> kUnsupported = {"stream"};

bool is_unsupported(std::string_view line) {
  const auto begins = [word = lower(line.substr(0, 16))](std::string_view name) {
    return word.starts_with(name) &&
           (word.size() == name.size() || word[name.size()] == ':' || word[name.size()] == ' ');
  };
  return std::any_of(kUnsupported.begin(), kUnsupported.end(), begins);
}

Reply unsupported() {
  return Reply::refuse("AT0003", "invalid command: not supported by this server");
}

Reply refuse_line(std::string_view line, const Error& error) {
  if (is_unsupported(trim(line))) return unsupported();
  if (error.code() == Errc::not_found) return Reply::refuse("AT0003", "invalid command");
  if (error.code() == Errc::refused) return Reply::refuse("AT0016", error.what());  // 3.10
  return Reply::refuse("AT0003", "Invalid syntax. " + error.what());
}

// atprotocol-wire.md 3.1: what everybody may say.
bool is_open(const at::Verb& verb) {
  // With a passcode (3.22), which it looks at itself.
  const auto* enroll = std::get_if<at::Enroll>(&verb);
  if (enroll && enroll->operation == "request") return true;
  return std::holds_alternative<at::From>(verb) || std::holds_alternative<at::Cram>(verb) ||
         std::holds_alternative<at::Pkam>(verb) || std::holds_alternative<at::Pol>(verb) ||
         std::holds_alternative<at::Scan>(verb) || std::holds_alternative<at::Lookup>(verb) ||
         std::holds_alternative<at::Noop>(verb) || std::holds_alternative<at::Info>(verb) ||
         std::holds_alternative<at::NotifyList>(verb);
}

// 3.5, 4.3: what the atServer of another atSign may say.
bool is_for_peers(const at::Verb& verb) {
  return std::holds_alternative<at::From>(verb) || std::holds_alternative<at::Cram>(verb) ||
         std::holds_alternative<at::Pkam>(verb) || std::holds_alternative<at::Pol>(verb) ||
         std::holds_alternative<at::Scan>(verb) || std::holds_alternative<at::Lookup>(verb) ||
         std::holds_alternative<at::PublicLookup>(verb) ||
         std::holds_alternative<at::Notify>(verb) || std::holds_alternative<at::Noop>(verb) ||
         std::holds_alternative<at::Empty>(verb) || std::holds_alternative<at::Exit>(verb);
}

std::string refuse_stranger(const at::Verb& verb) {
  if (std::holds_alternative<at::Notify>(verb) || std::holds_alternative<at::NotifyAll>(verb)) {
    return "Notify command cannot be executed without authentication";
  }
  if (const auto* enroll = std::get_if<at::Enroll>(&verb)) {
    return "Cannot " + enroll->operation + " enrollment without authentication";
  }
  return "Command cannot be executed without auth";
}

struct Runner {
  Turn& turn;

  Reply operator()(const at::Empty&) { return Reply::refuse("AT0003", "invalid command"); }
  Reply operator()(const at::Exit&) {
    Reply bye;
    bye.close = true;
    return bye;
  }
  template <class V>
  Reply operator()(const V& verb) {
    return run(turn, verb);
  }
};

}  // namespace

Reply dispatch(Turn& turn, const at::Verb& verb) {
  const bool any = std::holds_alternative<at::Empty>(verb) ||
                   std::holds_alternative<at::Exit>(verb) || is_open(verb);
  // Whose enrolment has ended has no word here any more, and gets none (3.1).
  if (!refresh_grant(turn)) {
    turn.state.is_owner = false;
    turn.state.monitor.reset();
    Reply gone;
    gone.close = true;
    return gone;
  }
  if (turn.state.peer && !is_for_peers(verb)) {
    return Reply::refuse("AT0401", "Command cannot be executed without auth");
  }
  if (!any && !turn.state.is_owner && !turn.state.peer)
    return Reply::refuse("AT0401", refuse_stranger(verb));
  return std::visit(Runner{turn}, verb);
}

bool MonitorFilter::wants(const Arrival& arrival) const {
  if (enrolment_of(arrival.key) && !enrolments) return false;
  if (!may_read(grant, arrival.key)) return false;
  const auto sender = std::string_view(arrival.from).substr(arrival.from.starts_with('@') ? 1 : 0);
  return pattern.found_in(arrival.key) || pattern.found_in(sender);
}

Session::Session(Store& store, Account account, std::string id)
    : store_(store), state_{.account = std::move(account), .id = std::move(id)} {}

Outcome Session::take(std::string_view line, const Moment& moment) {
  Outcome outcome;
  const auto verb = at::decode(line);
  if (!verb) return conclude(std::move(outcome), refuse_line(line, verb.error()));
  Turn turn{state_, store_, moment, outcome};
  const auto reply = dispatch(turn, *verb);
  if (outcome.ask) state_.waiting = *verb;
  return conclude(std::move(outcome), reply);
}

Outcome Session::resume(const PeerAnswer& answer, const Moment& moment) {
  Outcome outcome;
  const auto verb = std::exchange(state_.waiting, std::nullopt).value_or(at::Verb(at::Empty()));
  Turn turn{state_, store_, moment, outcome};
  const auto reply = atserver::resume(turn, verb, answer);
  return conclude(std::move(outcome), reply);
}

Outcome Session::storage_failed() {
  return conclude({}, Reply::refuse_and_close("AT0002", "the data could not be stored"));
}

Outcome Session::line_too_long() {
  return conclude({}, Reply::refuse_and_close(
                          "AT0005",
                          "InboundBuffer overflow: server received request which exceeded the "
                          "buffer size limit. Terminating the connection."));
}

std::string Session::prompt(bool after_exception) const {
  if (state_.monitor) return "";
  if (state_.is_owner) return state_.account.atsign.str() + "@";
  return state_.peer && !after_exception ? state_.peer->str() + "@" : "@";
}

// atprotocol-wire.md 1.3 and 7.1. A connection in monitor mode gets no prompts: some clients would
// lose the notification behind one (1.5).
Outcome Session::conclude(Outcome outcome, const Reply& reply) const {
  outcome.close = reply.close;
  const bool refuses = reply.kind == Reply::Kind::exception || reply.kind == Reply::Kind::handler;
  const auto prompt = this->prompt(refuses);
  switch (reply.kind) {
    case Reply::Kind::silent:
      break;
    case Reply::Kind::prompt:
      outcome.answer = prompt;
      break;
    case Reply::Kind::data:
      outcome.answer = at::encode(at::Data{reply.text}, prompt);
      break;
    case Reply::Kind::handler:
      outcome.answer =
          at::encode(at::Refusal{reply.code, reply.text}, at::ErrorShape::handler, prompt);
      break;
    case Reply::Kind::exception: {
      const std::string table(at::table_text(reply.code));
      const std::string front = state_.is_owner && !table.empty() ? table + " : " : "Exception: ";
      const auto shape = state_.json_errors ? at::ErrorShape::json : at::ErrorShape::text;
      outcome.answer = at::encode(at::Refusal{reply.code, front + reply.text}, shape, prompt);
      break;
    }
  }
  return outcome;
}

}  // namespace noports::atserver
