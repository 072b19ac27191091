// SPDX-License-Identifier: BSD-3-Clause
// What is done to enrolments that exist: approve, deny, revoke, unrevoke, delete, list, fetch
// (atprotocol-wire.md 3.21, keys-and-enrollment.md 4.8-4.12).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/atserver/enrolment_names.hpp"
#include "noports/atserver/enrolments.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;
using State = Enrolment::State;
using Right = Enrolment::Right;

constexpr const char* kPkamKey = "privatekey:at_pkam_publickey";

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string failed(const at::Enroll& verb, const std::string& id) {
  return "Failed to " + verb.operation + " enrollment id: " + printable(id);
}

Reply decided(const Enrolment& enrolment) {
  return Reply::data(dump(
      Json{{"status", std::string(state_name(enrolment.state))}, {"enrollmentId", enrolment.id}}));
}

bool manages(const Turn& turn) { return !turn.state.grant || turn.state.grant->manages(); }

// Who decides about another must manage enrolments and have itself all that the other has (5.2).
std::optional<Reply> find_lack(const Turn& turn, const at::Enroll& verb, const Enrolment& other) {
  if (!manages(turn)) {
    return refuse_enroll(failed(verb, other.id) +
                         ". The approving enrollment does not have access to \"__manage\" "
                         "namespace");
  }
  if (!turn.state.grant) return std::nullopt;
  const auto& own = *turn.state.grant;
  const bool has_all =
      std::all_of(other.namespaces.begin(), other.namespaces.end(),
                  [&](const auto& space) { return own.right_in(space.name) >= space.right; });
  if (has_all) return std::nullopt;
  return refuse_enroll(failed(verb, other.id) +
                       ". Client is not authorized for namespaces in the enrollment request");
}

std::string wrapped(const std::string& value, const std::string& iv) {
  Json json;
  json["value"] = value;
  if (!iv.empty()) json["iv"] = iv;
  return dump(json);
}

// "public:<app>.<device>.pkam.__pkams.__public_keys@alice"; nothing when the names do not fit into
// a key.
std::optional<std::string> published_key(const Turn& turn, const Enrolment& enrolment) {
  std::string name = enrolment.app + "." + enrolment.device + ".pkam.__pkams.__public_keys";
  std::erase(name, ' ');
  const auto parsed = at::KeyName::parse(name);
  if (!parsed) return std::nullopt;
  auto key = at::Key::open(*parsed, turn.self()).str();
  if (!at::Key::parse(key)) return std::nullopt;
  return key;
}

Reply approve(Turn& turn, const EnrollParameters& with, KeptEnrolment kept) {
  auto& one = kept.enrolment;
  one.state = State::approved;
  kept.record.expires.reset();
  if (one.key_life > 0) kept.record.expires = turn.moment.now + one.key_life;
  const auto expires = kept.record.expires;
  const auto& self = turn.self().str();
  put_own(turn, private_key_of(one.id, self), wrapped(with.private_key, with.private_key_iv),
          expires);
  put_own(turn, self_key_of(one.id, self), wrapped(with.self_key, with.self_key_iv), expires);
  if (const auto key = published_key(turn, one)) {
    put_own(turn, *key, dump(Json{{"apkamPublicKey", one.key}}), expires);
  }
  const auto reply = decided(one);
  keep_enrolment(turn, std::move(kept));
  return reply;
}

Reply deny(Turn& turn, KeptEnrolment kept) {
  kept.enrolment.state = State::denied;
  const auto reply = decided(kept.enrolment);
  keep_enrolment(turn, std::move(kept));
  return reply;
}

Reply revoke(Turn& turn, KeptEnrolment kept, bool is_own) {
  auto& one = kept.enrolment;
  one.state = State::revoked;
  auto& records = turn.store.records;
  withdraw(records, turn.account(), turn.self().str(), one.id, Withdrawal::revoked,
           turn.moment.now);
  // The key of the first application also logs in without an id, with all rights: that ends too.
  const auto pkam = records.find(turn.account(), kPkamKey);
  if (pkam && pkam->value == one.key) records.erase(turn.account(), kPkamKey);
  turn.outcome.ended.push_back(one.id);
  auto reply = decided(one);
  if (is_own) {
    Json json{{"status", "revoked"}, {"enrollmentId", one.id}};
    // In the words that clients know. It is closed behind the answer: nothing is owed to it.
    json["message"] = "Enrollment is revoked. Closing the connection in 10 seconds";
    reply = Reply::data(dump(json));
    reply.close = true;
  }
  keep_enrolment(turn, std::move(kept));
  return reply;
}

Reply unrevoke(Turn& turn, KeptEnrolment kept) {
  kept.enrolment.state = State::approved;
  withdraw(turn.store.records, turn.account(), turn.self().str(), kept.enrolment.id,
           Withdrawal::none, turn.moment.now);
  const auto reply = decided(kept.enrolment);
  keep_enrolment(turn, std::move(kept));
  return reply;
}

Reply remove(Turn& turn, const KeptEnrolment& kept) {
  const auto& one = kept.enrolment;
  const auto& self = turn.self().str();
  auto& records = turn.store.records;
  withdraw(records, turn.account(), self, one.id, Withdrawal::deleted, turn.moment.now);
  for (const auto& key :
       {enrolment_key(one.id, self), private_key_of(one.id, self), self_key_of(one.id, self)}) {
    records.erase(turn.account(), key);
  }
  if (const auto key = published_key(turn, one)) records.erase(turn.account(), *key);
  return Reply::data(dump(Json{{"enrollmentId", one.id}, {"status", "deleted"}}));
}

std::optional<Reply> find_wrong_state(const at::Enroll& verb, const Enrolment& one) {
  const std::string state(state_name(one.state));
  const auto wrong = [&](const std::string& why) {
    return refuse_enroll(failed(verb, one.id) + why);
  };
  const auto& operation = verb.operation;
  if (operation == "approve" && one.state != State::pending) {
    return wrong(". Cannot approve a " + state +
                 " enrollment. Only pending enrollments can be approved");
  }
  if (operation == "deny" && one.state != State::pending) {
    return wrong(". Cannot deny a " + state +
                 " enrollment. Only pending enrollments can be denied");
  }
  if (operation == "revoke" && one.state != State::approved) {
    return wrong(". Cannot revoke a " + state +
                 " enrollment. Only approved enrollments can be revoked");
  }
  if (operation == "unrevoke" && one.state != State::revoked) {
    return wrong(". Cannot un-revoke a " + state +
                 " enrollment. Only revoked enrollments can be un-revoked");
  }
  if (operation == "delete" && one.state != State::denied && one.state != State::revoked) {
    return wrong(" | Cause: Cannot delete " + state +
                 " enrollments. Only denied and revoked enrollments can be deleted");
  }
  return std::nullopt;
}

std::optional<Reply> find_missing(const at::Enroll& verb, const EnrollParameters& parameters) {
  const auto mandatory = [&](const std::string& name) {
    return refuse_enroll(name + " is mandatory for enroll:" + verb.operation);
  };
  if (parameters.id.empty()) return mandatory("enrollmentId");
  if (verb.operation != "approve") return std::nullopt;
  if (parameters.private_key.empty()) return mandatory("encryptedDefaultEncryptionPrivateKey");
  if (parameters.self_key.empty()) return mandatory("encryptedDefaultSelfEncryptionKey");
  return std::nullopt;
}

// Who does not manage enrolments sees its own, whatever it asks for (4.11).
Reply list(Turn& turn, const EnrollParameters& parameters) {
  std::string text = "{";
  for (const auto& kept : all_enrolments(turn)) {
    const bool own = turn.state.enrollment && *turn.state.enrollment == kept.enrolment.id;
    const auto& states = parameters.states;
    const bool wanted =
        states.empty() || std::find(states.begin(), states.end(), kept.state()) != states.end();
    if (!(manages(turn) ? wanted : own)) continue;
    if (text.size() > 1) text += ',';
    text += dump(kept.record.key) + ":" + shown_json(kept.enrolment, kept.state());
  }
  return Reply::data(text + "}");
}

Reply fetch(Turn& turn, const at::Enroll& verb, const KeptEnrolment& kept) {
  const bool own = turn.state.enrollment && *turn.state.enrollment == kept.enrolment.id;
  if (!own && !manages(turn)) {
    return refuse_enroll(failed(verb, kept.enrolment.id) +
                         ". The enrollment does not have access to \"__manage\" namespace");
  }
  return Reply::data(shown_json(kept.enrolment, kept.state()));
}

}  // namespace

Reply decide_enrolment(Turn& turn, const at::Enroll& verb, const EnrollParameters& parameters) {
  const auto& operation = verb.operation;
  if (operation == "list") return list(turn, parameters);
  if (auto fault = find_missing(verb, parameters)) return *std::move(fault);
  auto kept = find_enrolment(turn, parameters.id);
  const bool fetches = operation == "fetch";
  if (!kept && (fetches || operation == "delete")) {
    return missing(enrolment_key(printable(parameters.id), turn.self().str()));
  }
  if (!kept) return no_such_enrolment(parameters.id);
  if (fetches) return fetch(turn, verb, *kept);
  if (kept->expired) return no_such_enrolment(parameters.id);
  const bool is_own = turn.state.enrollment && *turn.state.enrollment == kept->enrolment.id;
  if (operation == "revoke" && is_own && !verb.force) {
    return Reply::refuse("AT0031", "Current client cannot revoke its own enrollment");
  }
  if (auto lack = find_lack(turn, verb, kept->enrolment)) return *std::move(lack);
  if (auto wrong = find_wrong_state(verb, kept->enrolment)) return *std::move(wrong);
  if (operation == "approve") return approve(turn, parameters, *std::move(kept));
  if (operation == "deny") return deny(turn, *std::move(kept));
  if (operation == "revoke") return revoke(turn, *std::move(kept), is_own);
  if (operation == "unrevoke") return unrevoke(turn, *std::move(kept));
  return remove(turn, *kept);
}

}  // namespace noports::atserver
