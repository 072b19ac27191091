// SPDX-License-Identifier: BSD-3-Clause
// Notifications: notify, notify:all, monitor (atprotocol-wire.md 3.12-3.14, 4).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/atserver/access.hpp"
#include "noports/atserver/reach.hpp"
#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

constexpr std::int64_t kDefaultLife = 15LL * 60 * 1000;  // ms; of the shipped configuration
constexpr std::int64_t kLongestLife = 30LL * 24 * 60 * 60 * 1000;  // ms; what is stored must end
constexpr std::size_t kLongestId = 128;                            // bytes; UUIDs have 36
// One line must not become a flood: what one command may be, whoever it is for.
constexpr std::size_t kMostRecipients = 100;
constexpr std::size_t kMostBytes = 10'240'000;

std::int64_t expiry(const Turn& turn, std::optional<std::int64_t> ttln) {
  const auto life = ttln.value_or(0) > 0 ? std::min(*ttln, kLongestLife) : kDefaultLife;
  return turn.moment.now + life;
}

void copy_metadata(at::Notification& note, const at::Metadata& metadata) {
  note.shared_key_enc = metadata.shared_key_enc;
  note.pub_key_cs = metadata.pub_key_cs;
  note.enc_key_name = metadata.enc_key_name;
  note.enc_algo = metadata.enc_algo;
  note.iv_nonce = metadata.iv_nonce;
  note.ske_enc_key_name = metadata.ske_enc_key_name;
  note.ske_enc_algo = metadata.ske_enc_algo;
}

// The key as the recipient's clients read it.
std::string note_key(const at::Atsign& from, const at::Atsign& to, const at::Notify& verb) {
  if (verb.is_text) return to.str() + ":" + verb.value.value_or("");
  if (verb.is_public) return at::Key::open(*verb.name, from).str();
  return at::Key::shared(to, *verb.name, from).str();
}

bool is_encrypted(const at::Notify& verb) {
  const auto& said = verb.metadata.is_encrypted;
  if (verb.is_text) return said.value_or(false);
  return !verb.is_public && said.value_or(true);
}

// `verb` has an id.
Outgoing outgoing_of(const Turn& turn, const at::Atsign& from, const at::Atsign& to,
                     const at::Notify& verb) {
  at::Notification note;
  note.id = verb.id.value_or("");
  note.from = from.str();
  note.to = to.str();
  note.key = note_key(from, to, verb);
  if (!verb.is_text) note.value = verb.value;
  note.operation = verb.operation;
  note.is_text = verb.is_text;
  note.is_encrypted = is_encrypted(verb);
  copy_metadata(note, verb.metadata);
  auto metadata = verb.metadata;
  metadata.is_encrypted = note.is_encrypted;
  Outgoing outgoing{
      from, to, std::move(note), std::move(metadata), at::encode(verb), expiry(turn, verb.ttln)};
  if (verb.strategy == "latest") {
    outgoing.latest = verb.notifier;
    outgoing.latest_count = verb.latest_n.value_or(1);
  }
  return outgoing;
}

// Puts `verb`, which has an id, on its way to `to`.
void send(Turn& turn, const at::Atsign& to, const at::Notify& verb) {
  turn.outcome.deliveries.push_back(outgoing_of(turn, turn.self(), to, verb));
}

// A text is no key, whatever it looks like.
bool may_notify(const Turn& turn, const at::Notify& verb, const std::string& key) {
  const auto& grant = turn.state.grant;
  if (!verb.is_text) return !is_internal(key) && may_write(grant, key);
  return !grant || grant->right_in("*") == Enrolment::Right::write;
}

std::optional<Reply> find_fault(const at::Atsign& sender, const at::Notify& verb) {
  if (verb.id && verb.id->size() > kLongestId) {
    return Reply::refuse("AT0022", "notify: the id is longer than 128 bytes");
  }
  if (verb.strategy == "latest" && !verb.notifier) {
    return Reply::refuse("AT0003", "For Strategy latest, notifier cannot be null");
  }
  if (verb.owner && *verb.owner != sender) {
    return Reply::refuse(
        "AT0009", verb.owner->str() + " is not authorized to send notification as " + sender.str());
  }
  return std::nullopt;
}

// From the atServer of another atSign (4.3), which speaks for that one alone, to ours alone (11.1).
Reply receive_from(Turn& turn, const at::Atsign& peer, const at::Notify& verb) {
  if (!may_reach(turn.store.records, turn.state.account, peer)) {
    return Reply::refuse_and_close("AT0013", "Unable to connect");
  }
  if (auto fault = find_fault(peer, verb)) return *std::move(fault);
  const auto& self = turn.self();
  const auto to = verb.to.value_or(self);
  if (to != self) {
    return Reply::refuse("AT0009",
                         "This is the atServer of " + self.str() + ", not of " + to.str());
  }
  auto ready = verb;
  ready.id = verb.id.value_or(turn.moment.uuid);
  const auto what = outgoing_of(turn, peer, to, ready);
  if (!verb.is_text && is_internal(what.note.key)) return forbidden(turn, "notify", what.note.key);
  // What is known already was shown already, and is acknowledged again.
  auto arrival = receive(turn.store, turn.state.account, what, turn.moment.now);
  if (arrival) turn.outcome.arrivals.push_back(*std::move(arrival));
  return Reply::data("success");
}

}  // namespace

Reply run(Turn& turn, const at::Notify& verb) {
  if (turn.state.peer) return receive_from(turn, *turn.state.peer, verb);
  if (auto fault = find_fault(turn.self(), verb)) return *std::move(fault);
  if (!verb.to) return Reply::refuse("AT0003", "Invalid syntax. notify: want a recipient");
  const auto key = note_key(turn.self(), *verb.to, verb);
  if (!may_notify(turn, verb, key)) return forbidden(turn, "notify", key);
  auto ready = verb;
  ready.id = verb.id.value_or(turn.moment.uuid);
  send(turn, *verb.to, ready);
  return Reply::data(*ready.id);
}

// "data: {" with a blank (3.13)
Reply run(Turn& turn, const at::NotifyAll& verb) {
  if (auto fault = find_fault(turn.self(), verb.what)) return *std::move(fault);
  const auto size = verb.what.value.value_or("").size();
  if (verb.to.size() > kMostRecipients || size * verb.to.size() > kMostBytes) {
    return Reply::refuse("AT0022", "notify:all: want at most " + std::to_string(kMostRecipients) +
                                       " recipients and " + std::to_string(kMostBytes) +
                                       " bytes in all");
  }
  for (const auto& to : verb.to) {
    const auto key = note_key(turn.self(), to, verb.what);
    if (!may_notify(turn, verb.what, key)) return forbidden(turn, "notify", key);
  }
  nlohmann::ordered_json ids = nlohmann::ordered_json::object();
  for (const auto& to : verb.to) {
    auto ready = verb.what;
    ready.to = to;
    ready.id = turn.moment.uuid;
    // There is one fresh id; that of the others is of it.
    if (!ids.empty()) *ready.id += "-" + std::to_string(ids.size() + 1);
    send(turn, to, ready);
    ids[to.str()] = *ready.id;
  }
  return Reply::data(" " + ids.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void auto_notify(Turn& turn, const at::Key& key, const Record* written) {
  if (key.scope != at::Key::Scope::shared || !key.with || *key.with == turn.self()) return;
  at::Notify verb{.id = turn.moment.uuid,
                  .operation = written ? at::Operation::update : at::Operation::remove,
                  .is_text = false,
                  .priority = std::nullopt,
                  .strategy = std::nullopt,
                  .notifier = "system",
                  .latest_n = std::nullopt,
                  .ttln = std::nullopt,
                  .metadata = {},
                  .to = key.with,
                  .is_public = false,
                  .name = key.name,
                  .owner = turn.self(),
                  .value = std::nullopt};
  if (written) {
    verb.value = written->value;
    verb.metadata = written->metadata;
  }
  // A record is encrypted when its writer said so; a notification when its sender did not deny it.
  verb.metadata.is_encrypted = verb.metadata.is_encrypted.value_or(false);
  send(turn, *key.with, verb);
}

Reply run(Turn& turn, const at::Monitor& verb) {
  auto pattern = Pattern::make(verb.regex);
  if (!pattern) {
    return Reply::refuse("AT0003",
                         "Invalid regular expression. " + verb.regex + " is not a valid regex");
  }
  const bool manages = !turn.state.grant || turn.state.grant->manages();
  turn.state.monitor =
      MonitorFilter{*std::move(pattern), verb.since, verb.self_notifications && manages,
                    turn.state.grant, turn.state.grant_ends};
  turn.outcome.monitor = true;
  return Reply::silent();
}

}  // namespace noports::atserver
