// SPDX-License-Identifier: BSD-3-Clause
// Writing records: update, delete (atprotocol-wire.md 3.10, 3.11).
#include <algorithm>
#include <array>

#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

// Last or inner segments of names that only the server writes (atprotocol-wire.md 11.1, 1-3).
constexpr std::array<std::string_view, 5> kInternal = {"__manage", "__otp", "__pkams",
                                                       "__public_keys", "__private_keys"};
constexpr std::array<std::string_view, 3> kProtected = {"publickey", "signing_publickey",
                                                        "signing_privatekey"};

template <class T>
void inherit(std::optional<T>& said, const std::optional<T>& known) {
  if (!said) said = known;
}

void clear_null(std::optional<std::string>& text) {
  if (text == "null") text.reset();
}

// What the update says and, where it says nothing, the lifetimes that the record had. What
// describes how a value was encrypted is never inherited: the value is new (11.3).
at::Metadata merged(at::Metadata said, const Record* known) {
  if (known) {
    inherit(said.ttl, known->metadata.ttl);
    inherit(said.ttb, known->metadata.ttb);
    inherit(said.ttr, known->metadata.ttr);
    inherit(said.ccd, known->metadata.ccd);
  }
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

bool is_immutable(const Record& record, std::int64_t now) {
  return record.is_alive(now) && record.metadata.immutable.value_or(false);
}

Reply internal(const std::string& key) {
  return Reply::refuse("AT0009", "Keys of the server itself are not for clients: " + key);
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
  const auto& self = turn.self();
  const std::string key = verb.key.str();
  if (verb.key.owner && *verb.key.owner != self) {
    return Reply::refuse("AT0016", "Invalid update command - sharedBy atsign " +
                                       verb.key.owner->str() +
                                       " should be same as current atsign " + self.str());
  }
  if (is_internal(verb.key)) return internal(key);
  auto known = turn.store.records.find(turn.account(), key);
  const bool was_there = known && !(known->expires && *known->expires <= turn.moment.now);
  if (was_there && is_immutable(*known, turn.moment.now)) return immutable(key);
  Record record;
  record.key = key;
  record.value = verb.value;
  record.metadata = merged(verb.metadata, was_there ? &*known : nullptr);
  record.created = was_there ? known->created : turn.moment.now;
  record.updated = turn.moment.now;
  record.version = was_there ? known->version + 1 : 0;
  set_lifetimes(record);
  const auto commit = turn.store.records.put(turn.account(), record);
  auto_notify(turn, verb.key, &record);
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
  if (is_internal(key)) return internal(text);
  const auto known = turn.store.records.find(turn.account(), text);
  if (known && is_immutable(*known, turn.moment.now)) return immutable(text);
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
