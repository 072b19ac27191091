// SPDX-License-Identifier: BSD-3-Clause
// Notifications: notify, its status and removal, monitor (atprotocol-wire.md 3.12-3.14, 4).
#include <algorithm>

#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

constexpr std::int64_t kDefaultLife = 15LL * 60 * 1000;  // ms; of the shipped configuration
constexpr std::int64_t kLongestLife = 30LL * 24 * 60 * 60 * 1000;  // ms; what is stored must end
constexpr std::size_t kLongestId = 128;                            // bytes; UUIDs have 36

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
std::string note_key(const Turn& turn, const at::Notify& verb) {
  if (verb.is_text) return verb.to.str() + ":" + verb.value.value_or("");
  if (verb.is_public) return at::Key::open(*verb.name, turn.self()).str();
  return at::Key::shared(verb.to, *verb.name, turn.self()).str();
}

bool is_encrypted(const at::Notify& verb) {
  const auto& said = verb.metadata.is_encrypted;
  if (verb.is_text) return said.value_or(false);
  return !verb.is_public && said.value_or(true);
}

std::optional<Reply> find_fault(const Turn& turn, const at::Notify& verb) {
  if (verb.id && verb.id->size() > kLongestId) {
    return Reply::refuse("AT0022", "notify: the id is longer than 128 bytes");
  }
  if (verb.strategy == "latest" && !verb.notifier) {
    return Reply::refuse("AT0003", "For Strategy latest, notifier cannot be null");
  }
  if (verb.owner && *verb.owner != turn.self()) {
    return Reply::refuse(
        "AT0009",
        verb.owner->str() + " is not authorized to send notification as " + turn.self().str());
  }
  return std::nullopt;
}

}  // namespace

Reply run(Turn& turn, const at::Notify& verb) {
  if (auto fault = find_fault(turn, verb)) return *std::move(fault);
  at::Notification note;
  note.id = verb.id.value_or(turn.moment.uuid);
  note.from = turn.self().str();
  note.to = verb.to.str();
  note.key = note_key(turn, verb);
  if (!verb.is_text) note.value = verb.value;
  note.operation = verb.operation;
  note.is_text = verb.is_text;
  note.is_encrypted = is_encrypted(verb);
  copy_metadata(note, verb.metadata);
  auto metadata = verb.metadata;
  metadata.is_encrypted = note.is_encrypted;
  auto reply = Reply::data(note.id);
  turn.outcome.deliveries.push_back(Outgoing{turn.self(), verb.to, std::move(note),
                                             std::move(metadata), expiry(turn, verb.ttln)});
  return reply;
}

void auto_notify(Turn& turn, const at::Key& key, const Record* written) {
  if (key.scope != at::Key::Scope::shared || !key.with || *key.with == turn.self()) return;
  at::Notification note;
  note.id = turn.moment.uuid;
  note.from = turn.self().str();
  note.to = key.with->str();
  note.key = key.str();
  note.operation = written ? at::Operation::update : at::Operation::remove;
  at::Metadata metadata;
  if (written) {
    note.value = written->value;
    metadata = written->metadata;
    copy_metadata(note, metadata);
  }
  note.is_encrypted = metadata.is_encrypted.value_or(false);
  turn.outcome.deliveries.push_back(Outgoing{turn.self(), *key.with, std::move(note),
                                             std::move(metadata), expiry(turn, std::nullopt)});
}

Reply run(Turn& turn, const at::NotifyStatus& verb) {
  const auto status = turn.store.notifications.status(turn.account(), verb.id, turn.moment.now);
  return Reply::data(status.value_or("null"));
}

Reply run(Turn& turn, const at::NotifyRemove& verb) {
  turn.store.notifications.remove(turn.account(), verb.id);
  return Reply::data("success");
}

Reply run(Turn& turn, const at::Monitor& verb) {
  auto pattern = Pattern::make(verb.regex);
  if (!pattern) {
    return Reply::refuse("AT0003",
                         "Invalid regular expression. " + verb.regex + " is not a valid regex");
  }
  turn.state.monitor = MonitorFilter{*std::move(pattern), verb.since};
  turn.outcome.monitor = true;
  return Reply::silent();
}

}  // namespace noports::atserver
