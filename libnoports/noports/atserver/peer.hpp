// SPDX-License-Identifier: BSD-3-Clause
// What one atServer asks another on behalf of its owner, and the answer: values, and the pure
// answering side. How question and answer travel is outbox's matter (atprotocol-wire.md 3.5-3.9,
// 4).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "noports/at/answer.hpp"
#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/at/metadata.hpp"
#include "noports/at/notification.hpp"
#include "noports/atserver/store.hpp"

namespace noports::atserver {

// A record that the other shares with the asker, or (`open`) with everybody.
struct PeerFetch {
  at::KeyName name;
  bool open = false;
};
// The names of what the other shares with the asker.
struct PeerScan {
  std::string regex;
};
// What the atServer of an atSign has published so that a connection of its can be told from an
// impostor's (3.5).
struct PeerProof {
  at::KeyName id;  // of the connection: "_" and a UUID
};
using PeerRequest = std::variant<PeerFetch, PeerScan, PeerProof>;

// The answer to PeerProof, as it was published.
struct Proof {
  std::string signature;  // base64, of the challenge
  std::string key;        // base64 SPKI
  // The atSign to whose atServer the connection was opened. atServers that do not publish it cannot
  // be protected from a server in the middle.
  std::optional<std::string> meant_for{};
};

// A refusal's text is the one that peers pass on: "Exception: ..."
using PeerAnswer = std::variant<Record, std::vector<std::string>, Proof, at::Refusal>;

// The names of the three public records that a Proof is made of.
at::Key signature_key(const at::KeyName& id, const at::Atsign& owner);
at::Key meant_for_key(const at::KeyName& id, const at::Atsign& owner);
at::Key signing_key(const at::Atsign& owner);

// A name that one atServer may make another publish a signature under: "_" and 8 to 64 letters,
// digits or '-'. Nothing for all others.
std::optional<at::KeyName> connection_id(std::string_view text);

// `asker` must be proved. In a Database::Scope.
PeerAnswer answer_peer(Store& store, const Account& owner, const at::Atsign& asker,
                       const PeerRequest& request, std::int64_t now);

// A notification on its way from one atSign to another.
struct Outgoing {
  at::Atsign from, to;
  at::Notification note;     // without its epoch
  at::Metadata metadata;     // what a cached copy gets
  std::string command;       // at::encode(Notify) with its id: what the sender asked for
  std::int64_t expires = 0;  // milliseconds since 1970
  // strategy:latest: of what waits under this notifier, only the newest so many matter.
  std::optional<std::string> latest{};
  std::uint64_t latest_count = 1;
};

// Takes a notification in for its recipient and keeps the recipient's cached copy of the record up
// to date (4.3). Nothing when it is known already, or the sender may not reach the recipient.
// `outgoing.from` must be proved. In a Database::Scope.
std::optional<Arrival> receive(Store& store, const Account& recipient, const Outgoing& outgoing,
                               std::int64_t now);

// "[...]", of a list of key names
std::string list_json(const std::vector<std::string>& keys);

}  // namespace noports::atserver
