// SPDX-License-Identifier: BSD-3-Clause
// Writing records: update, update:meta, delete (atprotocol-wire.md 3.10, 3.11).
#include <algorithm>
#include <array>

#include "noports/atserver/access.hpp"
#include "noports/atserver/enrolment_names.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

// Last or inner segments of names that only the server writes (atprotocol-wire.md 11.1, 1-3).
constexpr std::array<std::string_view, 6> kInternal = {
    "__manage", "__otp", "__pkams", "__public_keys", "__private_keys", "__self_keys"};
constexpr std::array<std::string_view, 3> kProtected = {"publickey", "signing_publickey",
                                                        "signing_privatekey"};

template <class T>
void inherit(std::optional<T>& said, const std::optional<T>& known) {
  if (!said) said = known;
}

void clear_null(std::optional<std::string>& text) {
  if (text == "null") text.reset();
}

void inherit_lifetimes(at::Metadata& said, const at::Metadata& known) {
  inherit(said.ttl, known.ttl);
  inherit(said.ttb, known.ttb);
  inherit(said.ttr, known.ttr);
  inherit(said.ccd, known.ccd);
}

// What describes a value stays with it.
void inherit_description(at::Metadata& said, const at::Metadata& known) {
  inherit(said.is_binary, known.is_binary);
  inherit(said.is_encrypted, known.is_encrypted);
  for (auto text :
       {&at::Metadata::data_signature, &at::Metadata::shared_key_enc, &at::Metadata::pub_key_cs,
        &at::Metadata::pub_key_hash, &at::Metadata::pub_key_hash_algo, &at::Metadata::encoding,
        &at::Metadata::enc_key_name, &at::Metadata::enc_algo, &at::Metadata::iv_nonce,
        &at::Metadata::ske_enc_key_name, &at::Metadata::ske_enc_algo}) {
    inherit(said.*text, known.*text);
  }
}

// As it is stored: 0 and "null" clear an item.
at::Metadata settled(at::Metadata said) {
  for (auto* zero : {&said.ttl, &said.ttb, &said.ttr}) {
    if (*zero == 0) zero->reset();
  }
  if (said.ttr) {
    said.ccd = said.ccd.value_or(false);
  } else {
    said.ccd.reset();
  }
  for (auto* text :
       {&said.data_signature, &said.shared_key_enc, &said.pub_key_cs, &said.pub_key_hash,
        &said.pub_key_hash_algo, &said.encoding, &said.enc_key_name, &said.enc_algo, &said.iv_nonce,
        &said.ske_enc_key_name, &said.ske_enc_algo}) {
    clear_null(*text);
  }
  said.shared_key_status.reset();  // accepted and ignored
  return said;
}

Reply immutable(const std::string& key) { return Reply::refuse("AT0009", key + " is immutable"); }

bool has_expired(const Record& record, std::int64_t now) {
  return record.expires && *record.expires <= now;
}

bool is_immutable(const Record& record, std::int64_t now) {
  return !has_expired(record, now) && record.metadata.immutable.value_or(false);
}

Reply internal(const std::string& key) {
  return Reply::refuse("AT0009", "Keys of the server itself are not for clients: " + key);
}

// Below "<id>.a.__e" only that enrolment writes, and what the server has renamed nobody.
bool may_write_enrolment_name(const Turn& turn, const std::string& key) {
  const auto name = enrolment_name(key);
  if (!name) return true;
  const auto& mine = turn.state.enrollment;
  return name->active && name->id == (mine ? lower(*mine) : std::string(kPrimaryEnrolment));
}

std::optional<Reply> refuse_writing(const Turn& turn, const at::Key& key, const char* what) {
  const auto text = key.str();
  if (is_internal(key)) return internal(text);
  if (may_write_enrolment_name(turn, text)) {
    if (may_write(turn.state.grant, key)) return std::nullopt;
    return forbidden(turn, what, text);
  }
  return Reply::refuse("AT0009", "Only the enrollment itself may write " + text);
}

std::optional<Reply> refuse_update(const Turn& turn, const at::Key& key) {
  const auto& self = turn.self();
  if (!key.owner || *key.owner == self) return refuse_writing(turn, key, "update");
  return Reply::refuse("AT0016", "Invalid update command - sharedBy atsign " + key.owner->str() +
                                     " should be same as current atsign " + self.str());
}

}  // namespace

bool is_internal(std::string_view key) {
  const auto name = key.substr(0, key.rfind('@'));
  if (name.ends_with(":signing_privatekey")) return true;
  return std::any_of(kInternal.begin(), kInternal.end(), [name](std::string_view segment) {
    for (auto at = name.find(segment); at != name.npos; at = name.find(segment, at + 1)) {
      const auto end = at + segment.size();
      const bool starts = at == 0 || name[at - 1] == '.' || name[at - 1] == ':';
      if (starts && (end == name.size() || name[end] == '.')) return true;
    }
    return false;
  });
}

bool is_internal(const at::Key& key) { return is_internal(key.str()); }

Reply run(Turn& turn, const at::Update& verb) {
  if (auto fault = refuse_update(turn, verb.key)) return *std::move(fault);
  const std::string key = verb.key.str();
  const auto now = turn.moment.now;
  const auto known = turn.store.records.find(turn.account(), key);
  if (known && is_immutable(*known, now)) return immutable(key);
  const bool renews = known && !has_expired(*known, now);  // what has expired is no more
  Record record;
  record.key = key;
  record.value = verb.value;
  record.metadata = verb.metadata;
  // What described how the old value was encrypted is not inherited: the value is new (11.3).
  if (renews) inherit_lifetimes(record.metadata, known->metadata);
  record.metadata = settled(std::move(record.metadata));
  record.created = renews ? known->created : now;
  record.updated = now;
  record.version = renews ? known->version + 1 : 0;
  set_lifetimes(record);
  const auto commit = turn.store.records.put(turn.account(), record);
  auto_notify(turn, verb.key, &record);
  return Reply::data(std::to_string(commit));
}

Reply run(Turn& turn, const at::UpdateMeta& verb) {
  if (auto fault = refuse_update(turn, verb.key)) return *std::move(fault);
  const std::string key = verb.key.str();
  const auto now = turn.moment.now;
  auto record = turn.store.records.find(turn.account(), key);
  if (!record || has_expired(*record, now)) return missing(key);
  if (is_immutable(*record, now)) return immutable(key);
  auto said = verb.metadata;
  inherit_lifetimes(said, record->metadata);
  inherit_description(said, record->metadata);
  record->metadata = settled(std::move(said));
  record->updated = now;
  ++record->version;
  set_lifetimes(*record);
  const auto commit = turn.store.records.put(turn.account(), *record, "#");
  auto_notify(turn, verb.key, &*record);
  return Reply::data(std::to_string(commit));
}

Reply run(Turn& turn, const at::Delete& verb) {
  const auto& key = verb.key;
  const std::string text = key.str();
  const bool own = key.owner == turn.self();
  if (key.owner && !key.cached && !own) {
    return Reply::refuse("AT0016", "Invalid delete command - " + text + " belongs to another");
  }
  const bool is_protected = !key.cached && std::find(kProtected.begin(), kProtected.end(),
                                                     key.name.str()) != kProtected.end();
  if (is_protected)
    return Reply::refuse(
        "AT0009", "Cannot delete protected key: '" + key.name.str() + turn.self().str() + "'");
  if (auto fault = refuse_writing(turn, key, "delete")) return *std::move(fault);
  const auto known = turn.store.records.find(turn.account(), text);
  if (known && is_immutable(*known, turn.moment.now) && !verb.force) return immutable(text);
  if (text == "privatekey:at_secret") {
    Record tombstone;
    tombstone.key = "privatekey:at_secret_deleted";
    tombstone.value = "true";
    tombstone.created = tombstone.updated = turn.moment.now;
    turn.store.records.put(turn.account(), tombstone);
  }
  const auto commit = turn.store.records.erase(turn.account(), text);
  if (!key.cached) auto_notify(turn, key, nullptr);
  return Reply::data(std::to_string(commit));
}

}  // namespace noports::atserver
