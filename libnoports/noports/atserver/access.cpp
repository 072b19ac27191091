// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/access.hpp"

#include <algorithm>

#include "noports/atserver/enrolment_names.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Right = Enrolment::Right;
using Scope = at::Key::Scope;

// "@bob:shared_key@alice", "shared_key.bob@alice", "shared_key.bob.until.1727773200123@alice".
// Anchored, unlike the reference's test, which any name with such an end passes.
bool is_conversation_key(const at::Key& key) {
  const auto& name = key.name.str();
  if (key.scope == Scope::shared) return name == "shared_key";
  return key.scope == Scope::self && name.starts_with("shared_key.");
}

bool is_owners_key(const at::Key& key) {
  const auto& name = key.name.str();
  return key.scope == Scope::privatekey || name == "publickey" || name == "signing_publickey" ||
         name == "signing_privatekey";
}

Right right_on_text(const Enrolment& grant, std::string_view text) {
  if (is_internal(text)) {
    return enrolment_of(text) && grant.manages() ? Right::read : Right::none;
  }
  const auto key = at::Key::parse(text);
  // No key: a message of its own text, outside every namespace.
  return key ? right_on(grant, *key) : grant.right_in("*");
}

}  // namespace

Right right_on(const Enrolment& grant, const at::Key& key) {
  const bool open = key.scope == Scope::open;
  const auto floor = open ? Right::read : Right::none;
  if (is_internal(key)) return Right::none;
  if (is_conversation_key(key)) return Right::write;
  if (is_owners_key(key)) return grant.manages() ? Right::write : floor;
  const auto text = key.str();  // which the name is a part of
  if (const auto name = enrolment_name(text)) {
    const bool own = name->active && name->id == lower(grant.id);
    return own ? Right::write : std::max(floor, grant.right_in("*"));
  }
  return std::max(floor, grant.right_on(key.name.str()));
}

bool may_write(const std::optional<Enrolment>& grant, const at::Key& key) {
  return !grant || right_on(*grant, key) == Right::write;
}

bool may_read(const std::optional<Enrolment>& grant, const at::Key& key) {
  return !grant || right_on(*grant, key) != Right::none;
}

bool may_read(const std::optional<Enrolment>& grant, std::string_view key) {
  return !grant || right_on_text(*grant, key) != Right::none;
}

bool may_write(const std::optional<Enrolment>& grant, std::string_view key) {
  return !grant || right_on_text(*grant, key) == Right::write;
}

std::string not_authorized(const std::string& id, std::string_view what, std::string_view key) {
  return "Connection with enrollment ID " + id + " is not authorized to " + std::string(what) +
         " key: " + printable(key);
}

}  // namespace noports::atserver
