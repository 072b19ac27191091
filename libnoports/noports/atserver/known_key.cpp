// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/known_key.hpp"

namespace noports::atserver {
namespace {

void retire_shared_key(Store& store, const Account& owner, const at::Atsign& other,
                       std::int64_t now) {
  const std::string name = "shared_key." + std::string(other.name());
  auto record = store.records.find(owner.id, name + owner.atsign.str());
  if (!record) return;
  store.records.erase(owner.id, record->key);
  record->key = name + ".until." + std::to_string(now) + owner.atsign.str();
  record->updated = now;
  store.records.put(owner.id, *record);
}

}  // namespace

bool note_public_key(Store& store, const Account& owner, const at::Atsign& other,
                     const Record& fetched, std::int64_t now) {
  auto key = at::Key::open(*at::KeyName::parse("publickey"), other);
  key.cached = true;
  const auto known = store.records.find(owner.id, key.str());
  if (known && known->value == fetched.value) return false;
  Record copy = fetched;
  copy.key = key.str();
  copy.created = known ? known->created : now;
  copy.updated = now;
  copy.version = known ? known->version + 1 : 0;
  copy.metadata.ttl.reset();
  copy.metadata.ttb.reset();
  copy.metadata.ttr = -1;
  copy.metadata.ccd = false;
  set_lifetimes(copy);
  store.records.put(owner.id, copy);
  if (known) retire_shared_key(store, owner, other, now);
  return known.has_value();
}

}  // namespace noports::atserver
