// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer.hpp"

#include <nlohmann/json.hpp>

#include "noports/atserver/pattern.hpp"
#include "noports/atserver/reach.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

PeerAnswer fetch(Store& store, const Account& owner, const at::Atsign& asker,
                 const PeerFetch& request, std::int64_t now) {
  const auto key = request.open ? at::Key::open(request.name, owner.atsign)
                                : at::Key::shared(asker, request.name, owner.atsign);
  auto record = store.records.find(owner.id, key.str());
  if (record) store.visits[owner.id].keys.note(record->key);
  // What has expired is no more, whether it was swept up already or not.
  if (record && record->is_alive(now) && !is_internal(key)) return *std::move(record);
  return at::Refusal{"AT0015", "Exception: " + key.str() + " does not exist in keystore"};
}

PeerAnswer proof(Store& store, const Account& owner, const PeerProof& request, std::int64_t now) {
  const auto read = [&](const at::Key& key) -> std::optional<std::string> {
    const auto record = store.records.find(owner.id, key.str());
    if (!record || !record->is_alive(now)) return std::nullopt;
    return record->value;
  };
  for (const auto& key : {signature_key(request.id, owner.atsign), signing_key(owner.atsign)}) {
    if (read(key)) continue;
    return at::Refusal{"AT0015", "Exception: " + key.str() + " does not exist in keystore"};
  }
  return Proof{*read(signature_key(request.id, owner.atsign)), *read(signing_key(owner.atsign)),
               read(meant_for_key(request.id, owner.atsign))};
}

PeerAnswer scan(Store& store, const Account& owner, const at::Atsign& asker,
                const PeerScan& request, std::int64_t now) {
  const auto pattern = Pattern::make(request.regex);
  if (!pattern) return at::Refusal{"AT0003", "Exception: Invalid regular expression"};
  const std::string prefix = asker.str() + ":";
  std::vector<std::string> found;
  for (const auto& key : store.records.keys(owner.id, now)) {
    if (key.starts_with(prefix) && pattern->found_in(key) && !is_internal(key)) {
      found.push_back(key.substr(prefix.size()));
    }
  }
  return found;
}

// 4.3, step 4. Only "@recipient:name@sender" and "public:name@sender" get here, with the sender
// proved: nobody can write another's records into a cache.
void keep_copy(Store& store, const Account& recipient, const Outgoing& outgoing, std::int64_t now) {
  const auto& note = outgoing.note;
  if (note.is_text || outgoing.from == outgoing.to) return;
  const std::string key = "cached:" + note.key;
  const auto known = store.records.find(recipient.id, key);
  if (note.operation == at::Operation::remove) {
    if (known && known->metadata.ccd.value_or(false)) store.records.erase(recipient.id, key);
    return;
  }
  const auto ttr = outgoing.metadata.ttr.value_or(0);
  if (ttr == 0 || (!note.value && !known)) return;
  Record copy;
  copy.key = key;
  copy.value = note.value ? *note.value : known->value;
  copy.metadata = outgoing.metadata;
  copy.created = known ? known->created : now;
  copy.updated = now;
  copy.version = known ? known->version + 1 : 0;
  set_lifetimes(copy);
  store.records.put(recipient.id, copy);
}

}  // namespace

at::Key signature_key(const at::KeyName& id, const at::Atsign& owner) {
  return at::Key::open(id, owner);
}

at::Key meant_for_key(const at::KeyName& id, const at::Atsign& owner) {
  return at::Key::open(*at::KeyName::parse(id.str() + ".for"), owner);
}

at::Key signing_key(const at::Atsign& owner) {
  return at::Key::open(*at::KeyName::parse("signing_publickey"), owner);
}

std::optional<at::KeyName> connection_id(std::string_view text) {
  static constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz-";
  if (text.size() < 9 || text.size() > 65 || !text.starts_with('_')) return std::nullopt;
  if (lower(text.substr(1)).find_first_not_of(kLetters) != text.npos) return std::nullopt;
  auto name = at::KeyName::parse(text);
  if (!name) return std::nullopt;
  return *std::move(name);
}

PeerAnswer answer_peer(Store& store, const Account& owner, const at::Atsign& asker,
                       const PeerRequest& request, std::int64_t now) {
  if (const auto* wanted = std::get_if<PeerProof>(&request)) {
    return proof(store, owner, *wanted, now);
  }
  const auto* wanted = std::get_if<PeerFetch>(&request);
  const bool anybody = wanted && wanted->open;
  if (!anybody && !may_reach(store.records, owner, asker)) {
    return at::Refusal{"AT0013", "Exception: Unable to connect"};
  }
  store.visits[owner.id].atsigns.note(asker.str());
  if (wanted) {
    return fetch(store, owner, asker, *wanted, now);
  }
  return scan(store, owner, asker, std::get<PeerScan>(request), now);
}

std::optional<Arrival> receive(Store& store, const Account& recipient, const Outgoing& outgoing,
                               std::int64_t now) {
  const auto& note = outgoing.note;
  const bool is_theirs = note.is_text || note.key.ends_with(outgoing.from.str());
  if (outgoing.to != recipient.atsign || note.from != outgoing.from.str() || !is_theirs ||
      !may_reach(store.records, recipient, outgoing.from)) {
    return std::nullopt;
  }
  auto arrival = store.notifications.receive(recipient.id, outgoing.note, now, outgoing.expires);
  if (arrival) keep_copy(store, recipient, outgoing, now);
  return arrival;
}

std::string list_json(const std::vector<std::string>& keys) {
  return nlohmann::json(keys).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace noports::atserver
