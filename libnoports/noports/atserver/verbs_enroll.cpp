// SPDX-License-Identifier: BSD-3-Clause
// Asking for an enrolment, by the first application (on a connection that has proved the CRAM
// secret), by the owner, or by a stranger with a passcode; and the passcodes
// (atprotocol-wire.md 3.21, 3.22, keys-and-enrollment.md 3.5, 4.4).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/atserver/enrolments.hpp"
#include "noports/atserver/passcodes.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;
using Right = Enrolment::Right;

constexpr std::size_t kLongestName = 128;        // of an application, a device, a namespace; bytes
constexpr std::size_t kMostNamespaces = 64;      // NoPorts asks for two
constexpr std::size_t kLongestJson = 64 * 1024;  // bytes; keys in base64 are 4 KiB
constexpr std::int64_t kPendingLife = 48LL * 60 * 60 * 1000;  // ms (5.5)
constexpr std::int64_t kNoticeLife = 24LL * 60 * 60 * 1000;   // ms (4.5)
constexpr std::int64_t kLongestKeyLife = 1LL << 53;           // ms; exact in everybody's JSON
constexpr std::int64_t kHour = 60LL * 60 * 1000;              // ms
constexpr std::size_t kMostPerHour = 5;                       // requests of a connection (5.5)
// Strangers who know the semi-permanent passcode must not fill the disk with requests that nobody
// looks at; a fleet is smaller.
constexpr std::size_t kMostPending = 1000;

std::string text_of(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// {"value":"..."}; the value of a member that was left out is null.
std::string wrapped(const Json& request, const char* name) {
  const auto text = text_of(request, name);
  Json json;
  json["value"] = text.empty() ? Json() : Json(text);
  return dump(json);
}

// The members of `namespaces`; nothing for anything but an object of names with "r" or "rw".
std::optional<std::vector<Enrolment::Namespace>> namespaces_in(const Json& request) {
  std::vector<Enrolment::Namespace> built;
  const auto asked = request.find("namespaces");
  if (asked == request.end() || asked->is_null()) return built;
  if (!asked->is_object() || asked->size() > kMostNamespaces) return std::nullopt;
  for (const auto& item : asked->items()) {
    const auto& access = item.value();
    if (access != "r" && access != "rw") return std::nullopt;
    if (item.key().empty() || item.key().size() > kLongestName) return std::nullopt;
    built.push_back({item.key(), access == "rw" ? Right::write : Right::read});
  }
  return built;
}

// 0 when it was left out; nothing for what is no time.
std::optional<std::int64_t> key_life_in(const Json& request) {
  const auto life = request.find("apkamKeysExpiryInMillis");
  if (life == request.end() || life->is_null()) return 0;
  if (!life->is_number_integer() || *life < 0 || *life > kLongestKeyLife) return std::nullopt;
  return life->get<std::int64_t>();
}

std::optional<Reply> find_fault(const Json& request, const Enrolment& asked, bool with_passcode) {
  if (asked.app.empty()) return refuse_enroll("appName is mandatory for enroll:request");
  if (asked.device.empty()) return refuse_enroll("deviceName is mandatory for enroll:request");
  if (asked.key.empty()) return refuse_enroll("apkam public key is mandatory for enroll:request");
  if (asked.app.size() > kLongestName || asked.device.size() > kLongestName) {
    return refuse_enroll("appName and deviceName must not be longer than 128 bytes");
  }
  if (!namespaces_in(request)) {
    return refuse_enroll("namespaces must be an object of at most 64 names with \"r\" or \"rw\"");
  }
  if (!key_life_in(request)) {
    return refuse_enroll("apkamKeysExpiryInMillis must be a number of milliseconds");
  }
  if (!with_passcode) return std::nullopt;
  if (!asked.wrapped_key) {
    return refuse_enroll(
        "encrypted apkam symmetric key is mandatory for new client enroll:request");
  }
  if (asked.namespaces.empty()) {
    return refuse_enroll("At least one namespace must be specified for new client enroll:request");
  }
  return std::nullopt;
}

Enrolment enrolment_in(const Turn& turn, const Json& request) {
  Enrolment asked;
  asked.id = turn.moment.uuid;
  asked.session = turn.state.id;
  asked.app = text_of(request, "appName");
  asked.device = text_of(request, "deviceName");
  asked.key = text_of(request, "apkamPublicKey");
  if (const auto key = text_of(request, "encryptedAPKAMSymmetricKey"); !key.empty()) {
    asked.wrapped_key = key;
  }
  asked.namespaces = namespaces_in(request).value_or(std::vector<Enrolment::Namespace>());
  asked.key_life = key_life_in(request).value_or(0);
  return asked;
}

Reply answer(const std::string& id, Enrolment::State state) {
  return Reply::data(dump(Json{{"enrollmentId", id}, {"status", std::string(state_name(state))}}));
}

Reply approve_first(Turn& turn, const Json& request, Enrolment first) {
  // The owner's own, whatever it asks for.
  std::erase_if(first.namespaces, [](const Enrolment::Namespace& space) {
    return space.name == "__manage" || space.name == "*";
  });
  first.namespaces.push_back({"__manage", Right::write});
  first.namespaces.push_back({"*", Right::write});
  first.state = Enrolment::State::approved;
  const auto& self = turn.self().str();
  put_own(turn, enrolment_key(first.id, self), encode(first));
  put_own(turn, private_key_of(first.id, self),
          wrapped(request, "encryptedDefaultEncryptionPrivateKey"));
  put_own(turn, self_key_of(first.id, self), wrapped(request, "encryptedDefaultSelfEncryptionKey"));
  put_own(turn, "privatekey:at_pkam_publickey", first.key);
  turn.state.enrollment = first.id;
  return answer(first.id, first.state);
}

// Counts the request; false when the connection has asked too often within an hour.
bool may_ask_again(Turn& turn) {
  auto& asked = turn.state.asked;
  std::erase_if(asked, [&](std::int64_t when) { return when <= turn.moment.now - kHour; });
  if (asked.size() >= kMostPerHour) return false;
  asked.push_back(turn.moment.now);
  return true;
}

Reply too_many() {
  return refuse_enroll(
      "Enrollment requests have exceeded the limit within the specified time frame");
}

// What stands in the way of a new one; its own request made twice is answered as the first was, so
// that who lost the answer need not wait two days (keys-and-enrollment.md 7.2).
std::optional<Reply> find_rival(Turn& turn, const Enrolment& asked) {
  std::size_t pending = 0;
  for (const auto& [other, record, expired] : all_enrolments(turn)) {
    const bool is_pending = other.state == Enrolment::State::pending;
    if (expired || (!is_pending && other.state != Enrolment::State::approved)) continue;
    if (is_pending) ++pending;
    if (other.app != asked.app || other.device != asked.device) continue;
    if (is_pending && other.key == asked.key && other.namespaces == asked.namespaces) {
      return answer(other.id, other.state);
    }
    return refuse_enroll("Another enrollment with id " + other.id + " exists with the app name: " +
                         printable(other.app) + " and device name: " + printable(other.device) +
                         " in " + std::string(state_name(other.state)) + " state");
  }
  if (pending >= kMostPending) return too_many();
  return std::nullopt;
}

// Tells the atSign's own monitors (4.5).
void announce(Turn& turn, const Enrolment& asked) {
  const auto& self = turn.self();
  const auto name = at::KeyName::parse(asked.id + ".new.enrollments.__manage");
  if (!name) return;
  at::Notification note;
  note.id = asked.id;
  note.from = note.to = self.str();
  note.key = enrolment_key(asked.id, self.str());
  note.value = announcement_json(asked);
  note.is_encrypted = false;
  at::Notify sent;
  sent.id = note.id;
  sent.ttln = kNoticeLife;
  sent.metadata.is_encrypted = false;
  sent.to = self;
  sent.name = *name;
  sent.owner = self;
  sent.value = note.value;
  turn.outcome.deliveries.push_back(Outgoing{self, self, std::move(note), sent.metadata,
                                             at::encode(sent), turn.moment.now + kNoticeLife});
}

Reply ask(Turn& turn, const Json& request) {
  auto asked = enrolment_in(turn, request);
  const auto passcode = text_of(request, "otp");
  const bool stranger = !turn.state.is_owner;
  if (auto fault = find_fault(request, asked, stranger || !passcode.empty())) return *fault;
  if (turn.state.by_cram) return approve_first(turn, request, std::move(asked));
  if (!may_ask_again(turn)) return too_many();
  const auto& self = turn.self().str();
  auto& records = turn.store.records;
  auto& guesses = turn.store.passcode_guesses;
  if (stranger && guesses.are_too_many(turn.account(), turn.moment.now)) return too_many();
  if (stranger && !check_passcode(records, turn.account(), self, passcode, turn.moment.now)) {
    turn.outcome.wait = guesses.wrong(turn.account(), turn.moment.network, turn.moment.now);
    return refuse_enroll("invalid otp. Cannot process enroll request");
  }
  // Used up by a request that could be made, not by one with a mistake (7.2).
  auto rival = find_rival(turn, asked);
  if (rival && rival->kind != Reply::Kind::data) return *rival;
  if (stranger) {
    use_up_passcode(records, turn.account(), self, passcode);
    guesses.right(turn.account(), turn.moment.network, turn.moment.now);
  }
  if (rival) return *rival;
  put_own(turn, enrolment_key(asked.id, self), encode(asked), turn.moment.now + kPendingLife);
  announce(turn, asked);
  return answer(asked.id, asked.state);
}

EnrollParameters parameters_in(const Json& json) {
  EnrollParameters parameters;
  parameters.id = text_of(json, "enrollmentId");
  parameters.private_key = text_of(json, "encryptedDefaultEncryptionPrivateKey");
  parameters.private_key_iv = text_of(json, "encPrivateKeyIV");
  parameters.self_key = text_of(json, "encryptedDefaultSelfEncryptionKey");
  parameters.self_key_iv = text_of(json, "selfEncKeyIV");
  const auto states = json.find("enrollmentStatusFilter");
  if (states == json.end() || !states->is_array()) return parameters;
  for (const auto& state : *states) {
    if (!state.is_string()) continue;
    // Newer clients join several by commas in one element (4.11).
    const auto text = state.get<std::string>();
    for (const auto one : split(text, ',')) parameters.states.emplace_back(trim(one));
  }
  return parameters;
}

}  // namespace

Reply run(Turn& turn, const at::Enroll& verb) {
  if (verb.operation == "listns" || verb.operation == "update") {
    return Reply::refuse("AT0003", "invalid command: not supported by this server");
  }
  const bool asks = verb.operation == "request";
  if (asks && turn.state.by_cram && turn.state.enrollment) {
    return refuse_enroll("This connection has made its enrollment already");
  }
  if (verb.json.empty() && verb.operation != "list") {
    return Reply::refuse("AT0022", "Enroll parameters not provided");
  }
  if (verb.json.size() > kLongestJson || !is_shallow_json(verb.json)) {
    return Reply::refuse("AT0022", "Enroll parameters are longer than 64 KiB or nested too deep");
  }
  const auto json =
      Json::parse(verb.json.empty() ? "{}" : verb.json, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Reply::refuse("AT0022", "Enroll parameters are no JSON object");
  if (asks) return ask(turn, json);
  return decide_enrolment(turn, verb, parameters_in(json));
}

Reply run(Turn& turn, const at::Otp& verb) {
  const auto& self = turn.self().str();
  auto& records = turn.store.records;
  if (verb.operation == at::Otp::Operation::get) {
    const auto passcode = make_passcode(turn.moment.uuid);
    keep_passcode(records, turn.account(), self, passcode, PasscodeKind::once, turn.moment.now,
                  verb.ttl);
    return Reply::data(passcode);
  }
  if (turn.state.grant && !turn.state.grant->manages()) {
    return refuse_enroll("Client not allowed to not store semi permanent pass code");
  }
  keep_passcode(records, turn.account(), self, verb.passcode, PasscodeKind::permanent,
                turn.moment.now, verb.ttl);
  return Reply::data("ok");
}

}  // namespace noports::atserver
