// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/stored_note.hpp"

#include <nlohmann/json.hpp>

#include "noports/at/answer.hpp"
#include "noports/at/notification.hpp"
#include "noports/at/verb.hpp"
#include "noports/atserver/records.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNull = "null";

// What both a command and a received notification come to.
struct Facts {
  at::Operation operation = at::Operation::update;
  bool is_text = false;
  std::string priority = "low", strategy = "all", notifier = "SYSTEM";
  std::uint64_t depth = 1;
  std::optional<std::int64_t> ttln;
  std::optional<std::string> value;
  at::Metadata metadata;
};

Facts facts_of(const at::Notify& verb) {
  Facts facts;
  facts.operation = verb.operation;
  facts.is_text = verb.is_text;
  facts.priority = verb.priority.value_or(facts.priority);
  facts.strategy = verb.strategy.value_or(facts.strategy);
  facts.notifier = verb.notifier.value_or(facts.notifier);
  facts.depth = verb.latest_n.value_or(facts.depth);
  facts.ttln = verb.ttln;
  if (!verb.is_text) facts.value = verb.value;
  facts.metadata = verb.metadata;
  if (!facts.metadata.is_encrypted) {
    facts.metadata.is_encrypted = !verb.is_text && !verb.is_public;
  }
  return facts;
}

Facts facts_of(const at::Notification& note) {
  Facts facts;
  facts.operation = note.operation;
  facts.is_text = note.is_text;
  facts.value = note.value;
  facts.metadata.is_encrypted = note.is_encrypted;
  facts.metadata.shared_key_enc = note.shared_key_enc;
  facts.metadata.pub_key_cs = note.pub_key_cs;
  facts.metadata.enc_key_name = note.enc_key_name;
  facts.metadata.enc_algo = note.enc_algo;
  facts.metadata.iv_nonce = note.iv_nonce;
  facts.metadata.ske_enc_key_name = note.ske_enc_key_name;
  facts.metadata.ske_enc_algo = note.ske_enc_algo;
  return facts;
}

// Both were written by this server.
Facts facts_of(const Stored& stored) {
  if (stored.is_sent) {
    const auto verb = at::decode(stored.line);
    if (verb && std::holds_alternative<at::Notify>(*verb)) {
      return facts_of(std::get<at::Notify>(*verb));
    }
    return {};
  }
  const auto line = std::string_view(stored.line).substr(0, stored.line.find('\n'));
  const auto answer = at::decode_answer(line);
  const auto* push = std::get_if<at::Push>(&answer);
  if (!push) return {};
  const auto note = at::decode_notification(push->json);
  return note ? facts_of(*note) : Facts();
}

std::string text_of(bool flag) { return flag ? "true" : "false"; }

// The notation of a Dart map: "{createdBy: @alice, isEncrypted: true}"
std::string map_text(const std::string& from, const at::Metadata& metadata) {
  std::string text = "{createdBy: " + from;
  const auto add = [&text](const char* name, const std::string& value) {
    text += std::string(", ") + name + ": " + value;
  };
  const auto add_text = [&add](const char* name, const std::optional<std::string>& value) {
    if (value) add(name, *value);
  };
  if (metadata.ttl) add("ttl", std::to_string(*metadata.ttl));
  if (metadata.ttb) add("ttb", std::to_string(*metadata.ttb));
  if (metadata.ttr) add("ttr", std::to_string(*metadata.ttr));
  if (metadata.ccd) add("ccd", text_of(*metadata.ccd));
  if (metadata.is_encrypted) add("isEncrypted", text_of(*metadata.is_encrypted));
  add_text("sharedKeyEnc", metadata.shared_key_enc);
  add_text("pubKeyCS", metadata.pub_key_cs);
  add_text("encKeyName", metadata.enc_key_name);
  add_text("encAlgo", metadata.enc_algo);
  add_text("ivNonce", metadata.iv_nonce);
  add_text("skeEncKeyName", metadata.ske_enc_key_name);
  add_text("skeEncAlgo", metadata.ske_enc_algo);
  return text + "}";
}

}  // namespace

std::string_view status_text(const Stored& stored, std::int64_t now) noexcept {
  if (stored.expires <= now) return "expired";
  switch (stored.status) {
    case NoteStatus::queued:
      return "queued";
    case NoteStatus::delivered:
      return "delivered";
    case NoteStatus::errored:
      break;
  }
  return "errored";
}

std::string stored_note_json(const at::Atsign& self, const std::string& id,
                             const std::optional<Stored>& stored, std::int64_t now) {
  Json json;
  json["id"] = id;
  if (stored) {
    const auto facts = facts_of(*stored);
    // What an atSign sends to itself counts as received (3.12).
    const bool is_sent = stored->is_sent && stored->peer != self.str();
    const auto& from = is_sent ? self.str() : stored->peer;
    json["fromAtSign"] = from;
    json["notificationDateTime"] = date_text(stored->epoch);
    json["toAtSign"] = is_sent ? stored->peer : self.str();
    json["notification"] = stored->key;
    json["type"] = is_sent ? "NotificationType.sent" : "NotificationType.received";
    json["opType"] =
        facts.operation == at::Operation::update ? "OperationType.update" : "OperationType.delete";
    json["messageType"] = facts.is_text ? "MessageType.text" : "MessageType.key";
    json["priority"] = "NotificationPriority." + facts.priority;
    json["notificationStatus"] = "NotificationStatus." + std::string(status_text(*stored, now));
    json["retryCount"] = std::to_string(stored->retries);
    json["strategy"] = facts.strategy;
    json["depth"] = std::to_string(facts.depth);
    json["notifier"] = facts.notifier;
    json["expiresAt"] = date_text(stored->expires);
    json["atValue"] = facts.value.value_or(kNull);
    json["atMetadata"] = map_text(from, facts.metadata);
    json["ttl"] = facts.ttln ? std::to_string(*facts.ttln) : kNull;
  } else {
    json["notificationStatus"] = "NotificationStatus.expired";
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace noports::atserver
