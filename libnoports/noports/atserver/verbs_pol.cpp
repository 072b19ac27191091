// SPDX-License-Identifier: BSD-3-Clause
// The proof of another atSign's atServer, and what it may ask then (atprotocol-wire.md 3.5).
#include "noports/atserver/reach.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::atserver {
namespace {

bool proves(const Proof& proof, const std::string& challenge) {
  const auto key = crypto::PublicKey::parse(proof.key);
  const auto signature = crypto::base64_decode(proof.signature);
  return key && signature && key->verify(challenge, *signature);
}

// The key of `peer` as it was seen first, or last; true when another is seen now (11.1, 12).
bool note_key(Turn& turn, const at::Atsign& peer, const std::string& key) {
  const auto name = at::KeyName::parse("signing_publickey." + std::string(peer.name()));
  if (!name) return false;
  const auto pin = at::Key::internal(*name, turn.self()).str();
  const auto known = turn.store.records.find(turn.account(), pin);
  if (known && known->value == key) return false;
  Record record;
  record.key = pin;
  record.value = key;
  record.created = known ? known->created : turn.moment.now;
  record.updated = turn.moment.now;
  turn.store.records.put(turn.account(), record);
  return known.has_value();
}

}  // namespace

Reply refuse_peer(const at::Refusal& refusal) {
  std::string_view text = refusal.text;
  take(text, "Exception: ");
  if (refusal.code == "AT0013") return Reply::refuse_and_close("AT0013", std::string(text));
  return Reply::refuse(refusal.code.empty() ? "AT0001" : refusal.code, std::string(text));
}

Reply answer_here(Turn& turn, const PeerRequest& request, at::Part part) {
  const auto answer =
      answer_peer(turn.store, turn.state.account, *turn.state.peer, request, turn.moment.now);
  if (const auto* record = std::get_if<Record>(&answer)) {
    return show(*record, part, MemberOrder::own);
  }
  if (const auto* keys = std::get_if<std::vector<std::string>>(&answer)) {
    return Reply::data(list_json(*keys));
  }
  const auto* refusal = std::get_if<at::Refusal>(&answer);
  return refusal ? refuse_peer(*refusal) : Reply::refuse("AT0001", "no answer");
}

Reply run(Turn& turn, const at::Pol&) {
  auto& state = turn.state;
  if (!state.claimed) {
    return Reply::refuse_and_close(
        "AT0011", "You must execute a 'from:' command before you may run the pol command");
  }
  // It asks its own atServer and nobody else; it must not be made to ask more often than it is
  // told to.
  const auto id = connection_id(state.id);
  auto challenge = use_challenge(turn);
  if (!challenge || !id) return Reply::refuse_and_close("AT0011", "Unable to verify signature");
  if (!may_reach(turn.store.records, state.account, *state.claimed)) {
    return Reply::refuse_and_close("AT0013", "Unable to connect");
  }
  state.proving = std::move(challenge);
  turn.outcome.ask = Ask{*state.claimed, PeerProof{*id}};
  return Reply::silent();
}

Reply finish_pol(Turn& turn, const PeerAnswer& answer) {
  auto& state = turn.state;
  const auto challenge = std::exchange(state.proving, std::nullopt);
  const auto claimed = std::exchange(state.claimed, std::nullopt);
  if (!challenge || !claimed) return Reply::refuse("AT0001", "pol: there is no challenge");
  if (const auto* refusal = std::get_if<at::Refusal>(&answer)) {
    lose_standing(turn);
    auto reply = refuse_peer(*refusal);
    // Each attempt costs this server a connection of its own.
    reply.close = is_last_failure(turn);
    return reply;
  }
  const auto* proof = std::get_if<Proof>(&answer);
  const bool meant_for_us = proof && (!proof->meant_for || *proof->meant_for == turn.self().str());
  if (!proof || !meant_for_us || !proves(*proof, *challenge)) {
    return fail_attempt(turn, "Pol Authentication Failed");
  }
  turn.outcome.peer_key_changed = note_key(turn, *claimed, proof->key);
  lose_standing(turn);
  state.failures = 0;
  state.peer = claimed;
  return Reply::prompt();
}

}  // namespace noports::atserver
