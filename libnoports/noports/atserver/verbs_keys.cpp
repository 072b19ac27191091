// SPDX-License-Identifier: BSD-3-Clause
// keys: what belongs to one enrolment, its two wrapped keys and others that it keeps for itself
// (atprotocol-wire.md 3.23). Nothing of any other is reached by name (11.1, 2).
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "noports/atserver/enrolments.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;
struct Part {
  std::string_view visibility;
  std::string_view segment;
};
constexpr std::array<Part, 3> kParts = {
    {{"public", "__public_keys"}, {"private", "__private_keys"}, {"self", "__self_keys"}}};

Reply not_found(const std::string& key) {
  return Reply::refuse("AT0015", "key " + printable(key) + " not found in keystore");
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

bool is_made_by(const Record& record, const std::string& enrollment) {
  if (!is_shallow_json(record.value)) return false;
  const auto json = Json::parse(record.value, nullptr, /*allow_exceptions=*/false);
  const auto made = json.is_object() ? json.find("enrollmentId") : json.end();
  return json.is_object() && made != json.end() && *made == enrollment;
}

// "public", "private", "self" for a key made by keys:put; empty for all others.
std::string_view visibility_of(std::string_view key) {
  for (const auto& part : kParts) {
    if (key.find("." + std::string(part.segment) + ".") != key.npos) return part.visibility;
  }
  return {};
}

// What `keys:put` made for the enrolment of this connection.
std::optional<Record> find_made(Turn& turn, const std::string& key) {
  if (visibility_of(key).empty()) return std::nullopt;
  auto record = turn.store.records.find(turn.account(), key);
  if (!record || !record->is_alive(turn.moment.now)) return std::nullopt;
  if (!is_made_by(*record, *turn.state.enrollment)) return std::nullopt;
  return record;
}

Reply get(Turn& turn, const at::Keys& verb) {
  if (!verb.key_name.empty()) {
    const auto key = lower(verb.key_name);
    const auto& id = *turn.state.enrollment;
    const auto& self = turn.self().str();
    if (const auto made = find_made(turn, key)) return Reply::data(made->value);
    const bool own = key == private_key_of(id, self) || key == self_key_of(id, self);
    const auto record = own ? turn.store.records.find(turn.account(), key) : std::nullopt;
    if (!record || !record->is_alive(turn.moment.now)) return not_found(verb.key_name);
    return Reply::data(record->value);
  }
  if (verb.visibility.empty())
    return Reply::refuse("AT0003", "Invalid syntax. keys:get: want a keyName");
  std::vector<std::string> names;
  for (const auto& key : turn.store.records.keys(turn.account(), turn.moment.now)) {
    if (visibility_of(key) == verb.visibility && find_made(turn, key)) names.push_back(key);
  }
  return Reply::data(list_json(names));
}

// The complete key for what is put; nothing when a piece is missing or fits into no key.
std::optional<std::string> key_for(const Turn& turn, const at::Keys& verb) {
  const auto part = std::find_if(kParts.begin(), kParts.end(), [&](const Part& one) {
    return one.visibility == (verb.visibility.empty() ? "self" : verb.visibility);
  });
  if (part == kParts.end() || verb.key_name.empty() || verb.name_space.empty()) return std::nullopt;
  std::string name = verb.key_name + "." + std::string(part->segment) + "." + verb.name_space;
  const bool open = part->visibility == "public";
  if (!open) {
    if (verb.app_name.empty() || verb.device_name.empty()) return std::nullopt;
    name = verb.app_name + "." + verb.device_name + "." + name;
  }
  const auto parsed = at::KeyName::parse(name);
  if (!parsed) return std::nullopt;
  auto key = at::Key::self(*parsed, turn.self());
  if (open) key.scope = at::Key::Scope::open;
  if (part->visibility == "private") key.scope = at::Key::Scope::internal;
  auto text = key.str();
  if (!at::Key::parse(text)) return std::nullopt;  // too long together with its owner
  return text;
}

Reply put(Turn& turn, const at::Keys& verb) {
  const auto key = key_for(turn, verb);
  if (!key || verb.value.empty()) {
    return Reply::refuse("AT0003",
                         "Invalid syntax. keys:put: want public|private|self, namespace, keyName, "
                         "a value, and but for public ones appName and deviceName");
  }
  const auto& grant = turn.state.grant;
  const bool may = !grant || grant->right_on("." + verb.name_space) == Enrolment::Right::write;
  const auto known = turn.store.records.find(turn.account(), *key);
  if (!may || (known && !is_made_by(*known, *turn.state.enrollment))) {
    return Reply::refuse("AT0009", "Connection with enrollment ID " + *turn.state.enrollment +
                                       " is not authorized to keys key: " + *key);
  }
  Json json;
  json["value"] = verb.value;
  json["keyType"] = text_or_null(verb.key_type);
  json["enrollmentId"] = *turn.state.enrollment;
  json["encryptionKeyName"] = text_or_null(verb.encryption_key_name);
  put_own(turn, *key, json.dump(-1, ' ', false, Json::error_handler_t::replace));
  return Reply::data("-1");
}

Reply remove(Turn& turn, const at::Keys& verb) {
  if (verb.key_name.empty())
    return Reply::refuse("AT0003", "Invalid syntax. keys:delete: want a keyName");
  const auto key = lower(verb.key_name);
  if (!find_made(turn, key)) return Reply::data("null");
  turn.store.records.erase(turn.account(), key);
  return Reply::data("-1");
}

}  // namespace

Reply run(Turn& turn, const at::Keys& verb) {
  if (!turn.state.enrollment) {
    return refuse_enroll("Keys verb cannot be accessed without an enrollmentId");
  }
  switch (verb.operation) {
    case at::Keys::Operation::get:
      return get(turn, verb);
    case at::Keys::Operation::put:
      return put(turn, verb);
    case at::Keys::Operation::remove:
      break;
  }
  return remove(turn, verb);
}

}  // namespace noports::atserver
