// SPDX-License-Identifier: BSD-3-Clause
// What each command does: verbs_auth, verbs_pol, verbs_enroll, verbs_enrolments, verbs_keys,
// verbs_data, verbs_lookup, verbs_notify, verbs_notices, verbs_sync, verbs_stats, verbs_service.
// Internal to the session.
#pragma once

#include <string>
#include <utility>

#include "noports/atserver/session.hpp"

namespace noports::atserver {

// What a command comes to, before it is put into the connection's form.
struct Reply {
  enum class Kind {
    data,
    exception,  // shapes 1 and 2 (atprotocol-wire.md 7.1)
    handler,    // shape 3, whatever form was negotiated
    prompt,     // alone, without data: and without LF: pol
    silent,
  };
  Kind kind = Kind::silent;
  std::string code;  // "AT0015"
  std::string text;
  bool close = false;

  static Reply data(std::string text) { return {Kind::data, {}, std::move(text), false}; }
  static Reply refuse(std::string code, std::string text) {
    return {Kind::exception, std::move(code), std::move(text), false};
  }
  static Reply refuse_and_close(std::string code, std::string text) {
    return {Kind::exception, std::move(code), std::move(text), true};
  }
  static Reply refuse_shape3(std::string code, std::string text) {
    return {Kind::handler, std::move(code), std::move(text), false};
  }
  static Reply prompt() { return {Kind::prompt, {}, {}, false}; }
  static Reply silent() { return {}; }
};

// One command's view of the world.
struct Turn {
  Session::State& state;
  Store& store;
  const Moment& moment;
  Outcome& outcome;

  std::int64_t account() const { return state.account.id; }
  const at::Atsign& self() const { return state.account.atsign; }
};

// Does a command if the connection may say it.
Reply dispatch(Turn& turn, const at::Verb& verb);
// verbs_auth
Reply run(Turn& turn, const at::From& verb);
Reply run(Turn& turn, const at::Cram& verb);
Reply run(Turn& turn, const at::Pkam& verb);
Reply run(Turn& turn, const at::Noop& verb);
// The challenge that is still good, and then gone: it proves one attempt.
std::optional<std::string> use_challenge(Turn& turn);
// Nothing stays of an earlier success.
void lose_standing(Turn& turn);
// Counts a failed attempt; whether it was one too many for this connection.
bool is_last_failure(Turn& turn);
// A failed attempt, of which nothing stays.
Reply fail_attempt(Turn& turn, std::string text);
// verbs_pol
Reply run(Turn& turn, const at::Pol& verb);
Reply finish_pol(Turn& turn, const PeerAnswer& answer);
// A refusal that was made for peers, to one: without the front that every answer gets.
Reply refuse_peer(const at::Refusal& refusal);
// What a peer's question comes to.
Reply answer_here(Turn& turn, const PeerRequest& request, at::Part part);
// verbs_enroll
Reply run(Turn& turn, const at::Enroll& verb);
Reply run(Turn& turn, const at::Otp& verb);
// verbs_keys
Reply run(Turn& turn, const at::Keys& verb);
// enrolments
// Reads again what the enrolment of this connection may do; false when it may not be here any more.
bool refresh_grant(Turn& turn);
// The public key of an enrolment that may authenticate now, or why not.
std::variant<std::string, Reply> enrolled_key(Turn& turn, const std::string& enrollment);
// verbs_data
Reply run(Turn& turn, const at::Update& verb);
Reply run(Turn& turn, const at::UpdateMeta& verb);
Reply run(Turn& turn, const at::Delete& verb);
// verbs_lookup
Reply run(Turn& turn, const at::Scan& verb);
Reply run(Turn& turn, const at::LocalLookup& verb);
Reply run(Turn& turn, const at::Lookup& verb);
Reply run(Turn& turn, const at::PublicLookup& verb);
// A record in the form that was asked for.
Reply show(const Record& record, at::Part part, MemberOrder order);
// Goes on with the verb that waits.
Reply resume(Turn& turn, const at::Verb& verb, const PeerAnswer& answer);
// verbs_notify
Reply run(Turn& turn, const at::Notify& verb);
Reply run(Turn& turn, const at::NotifyAll& verb);
Reply run(Turn& turn, const at::Monitor& verb);
// verbs_notices
Reply run(Turn& turn, const at::NotifyStatus& verb);
Reply run(Turn& turn, const at::NotifyFetch& verb);
Reply run(Turn& turn, const at::NotifyList& verb);
Reply run(Turn& turn, const at::NotifyRemove& verb);
// verbs_sync
Reply run(Turn& turn, const at::Sync& verb);
// The figures 3 and 15: the last commit id ("null": none), and for each key its latest change.
std::string last_commit(Turn& turn, const std::string& regex, const Pattern& pattern);
std::string latest_of_each(Turn& turn, const Pattern& pattern);
// verbs_stats
Reply run(Turn& turn, const at::Stats& verb);
// verbs_service
Reply run(Turn& turn, const at::Batch& verb);
Reply run(Turn& turn, const at::Info& verb);
Reply run(Turn& turn, const at::Config& verb);
// Tells the recipient of a shared record that it was written or deleted (3.10, 3.11).
void auto_notify(Turn& turn, const at::Key& key, const Record* written);

// Whether a record belongs to the server alone: enrolments, passcodes, private signing keys
// (11.1). Clients neither see nor touch it through the data verbs.
bool is_internal(const at::Key& key);
bool is_internal(std::string_view key);

Reply missing(const std::string& key);  // AT0015
// AT0009, for a connection whose enrolment does not cover the key; `what` is "update", "lookup",
// ...
Reply forbidden(const Turn& turn, std::string_view what, std::string_view key);

}  // namespace noports::atserver
