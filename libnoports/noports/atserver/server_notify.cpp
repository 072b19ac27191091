// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/server_notify.hpp"

#include "noports/at/verb.hpp"

namespace noports::atserver {
namespace {

constexpr std::string_view kAutomatic = "system";  // the notifier of what update and delete cause

// What is for the sender's server alone, or describes a stored value.
void drop_what_stays(at::Notify& verb) {
  verb.priority.reset();
  verb.strategy.reset();
  verb.latest_n.reset();
  auto& said = verb.metadata;
  said.is_binary.reset();
  said.encoding.reset();
  said.data_signature.reset();
  said.shared_key_status.reset();
  said.pub_key_hash.reset();
  said.pub_key_hash_algo.reset();
  said.immutable.reset();
}

}  // namespace

std::optional<std::string> server_notify(std::string_view command, const at::Atsign& from) {
  const auto decoded = at::decode(command);
  const auto* notify = decoded ? std::get_if<at::Notify>(&*decoded) : nullptr;
  if (!notify || !notify->id) return std::nullopt;
  auto verb = *notify;
  drop_what_stays(verb);
  auto& said = verb.metadata;
  const bool automatic = verb.notifier == kAutomatic;
  if (!verb.notifier) verb.notifier = "SYSTEM";
  if (verb.ttln == 0) verb.ttln.reset();
  // A client's command says both, an automatic one what its record has.
  if (!automatic) {
    said.ttl = said.ttl.value_or(0);
    said.ttb = said.ttb.value_or(0);
  }
  const bool may_cache = verb.operation == at::Operation::remove || verb.value;
  if (verb.is_text || !may_cache || said.ttr.value_or(0) == 0) said.ttr.reset();
  if (said.ttr) {
    said.ccd = said.ccd.value_or(false);
  } else {
    said.ccd.reset();
  }
  if (verb.is_text) {
    said.is_encrypted = said.is_encrypted.value_or(false);
  } else {
    verb.owner = from;
    said.is_encrypted = !verb.is_public && said.is_encrypted.value_or(true);
  }
  // There is no metadata at all.
  if (automatic && verb.operation == at::Operation::remove) said = at::Metadata();
  // The form that atServers have for what everybody may know.
  if (verb.is_public) verb.to.reset();
  return at::encode(at::Verb(std::move(verb)));
}

}  // namespace noports::atserver
