// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/notification.hpp"

#include <nlohmann/json.hpp>

#include "noports/at/pieces.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

// Parsed into the one whose members are found in logarithmic time, written in our order.
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kStatistics = "-1";

struct Member {
  const char* name;
  std::optional<std::string> Notification::*member;
};
// In the reference's order. It never sends pubKeyCS, which is left out when there is none.
constexpr Member kMetadata[] = {
    {"encKeyName", &Notification::enc_key_name}, {"encAlgo", &Notification::enc_algo},
    {"ivNonce", &Notification::iv_nonce},        {"skeEncKeyName", &Notification::ske_enc_key_name},
    {"skeEncAlgo", &Notification::ske_enc_algo}, {"sharedKeyEnc", &Notification::shared_key_enc},
    {"pubKeyCS", &Notification::pub_key_cs},
};

ordered_json text_or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json();
}

Unexpected bad(const char* member) {
  return fail(Errc::bad_syntax,
              "notification: member '" + std::string(member) + "' is missing or of the wrong kind");
}

Result<std::string> take_text(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return bad(name);
  return found->get<std::string>();
}

// Absent, null and (in metadata) the text "null" are the same.
Result<std::optional<std::string>> take_optional(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::optional<std::string>();
  if (!found->is_string()) return bad(name);
  return std::optional<std::string>(found->get<std::string>());
}

Result<void> take_metadata(const json& object, Notification& notification) {
  const auto found = object.find("metadata");
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_object()) return bad("metadata");
  for (const auto& [name, member] : kMetadata) {
    auto text = take_optional(*found, name);
    if (!text) return fail(std::move(text).error());
    if (*text && **text != "null") notification.*member = **std::move(text);
  }
  return {};
}

// operation, messageType, isEncrypted, epochMillis
Result<void> take_facts(const json& object, Notification& notification) {
  const auto operation = take_text(object, "operation");
  if (!operation || (*operation != "update" && *operation != "delete")) return bad("operation");
  notification.operation = *operation == "delete" ? Operation::remove : Operation::update;

  const auto type = take_optional(object, "messageType");
  if (!type) return fail(type.error());
  notification.is_text = *type == "MessageType.text";

  if (const auto flag = object.find("isEncrypted"); flag != object.end() && !flag->is_null()) {
    if (flag->is_boolean())
      notification.is_encrypted = flag->get<bool>();
    else if (flag->is_string())
      notification.is_encrypted = parse_bool(flag->get<std::string>());
    if (!notification.is_encrypted) return bad("isEncrypted");
  }
  const auto millis = object.find("epochMillis");
  if (millis == object.end() || !millis->is_number_unsigned()) return bad("epochMillis");
  const auto number = millis->get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(kMaxNumber)) return bad("epochMillis");
  notification.epoch_millis = static_cast<std::int64_t>(number);
  return {};
}

Result<void> take_names(const json& object, Notification& notification) {
  struct Name {
    const char* name;
    std::string Notification::*member;
  };
  static constexpr Name kNames[] = {{"id", &Notification::id},
                                    {"from", &Notification::from},
                                    {"to", &Notification::to},
                                    {"key", &Notification::key}};
  for (const auto& [name, member] : kNames) {
    auto text = take_text(object, name);
    if (!text) return fail(std::move(text).error());
    notification.*member = *std::move(text);
  }
  auto value = take_optional(object, "value");
  if (!value) return fail(std::move(value).error());
  notification.value = *std::move(value);
  return {};
}

}  // namespace

std::string encode(const Notification& notification) {
  ordered_json object;
  object["id"] = notification.id;
  object["from"] = notification.from;
  object["to"] = notification.to;
  object["key"] = notification.key;
  object["value"] = text_or_null(notification.value);
  object["operation"] = notification.operation == Operation::update ? "update" : "delete";
  object["epochMillis"] = notification.epoch_millis;
  object["messageType"] = notification.is_text ? "MessageType.text" : "MessageType.key";
  if (notification.is_encrypted) object["isEncrypted"] = *notification.is_encrypted;
  ordered_json metadata;
  bool is_said = notification.id != kStatistics;
  for (const auto& [name, member] : kMetadata) {
    const auto& text = notification.*member;
    is_said = is_said || text;
    if (text || member != &Notification::pub_key_cs) metadata[name] = text_or_null(text);
  }
  object["metadata"] = is_said ? std::move(metadata) : ordered_json();
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Notification> decode_notification(std::string_view text) {
  if (!is_shallow_json(text)) return fail(Errc::bad_syntax, "notification: nested too deep");
  const auto object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return fail(Errc::bad_syntax, "notification: not a JSON object");
  Notification notification;
  for (auto* step : {take_names, take_facts, take_metadata}) {
    auto done = step(object, notification);
    if (!done) return fail(std::move(done).error());
  }
  return notification;
}

}  // namespace noports::at
