// SPDX-License-Identifier: BSD-3-Clause
// Enrolments: for now that of the first application, on a connection that has proved the CRAM
// secret (atprotocol-wire.md 3.21, keys-and-enrollment.md 3.5), and logging in with it.
#include <nlohmann/json.hpp>

#include "noports/atserver/verbs.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestName = 128;        // of an application or a device, bytes
constexpr std::size_t kLongestJson = 64 * 1024;  // bytes; keys in base64 are 4 KiB

std::string record_key(const Turn& turn, std::string_view id) {
  return std::string(id) + ".new.enrollments.__manage" + turn.self().str();
}

std::string text_of(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void put(Turn& turn, std::string key, std::string value) {
  Record record;
  record.key = std::move(key);
  record.value = std::move(value);
  record.created = record.updated = turn.moment.now;
  turn.store.records.put(turn.account(), record);
}

// {"value":"..."}; the value of a member that was left out is null.
std::string wrapped(const Json& request, const char* name) {
  Json json;
  const auto member = request.find(name);
  json["value"] = member != request.end() && member->is_string() ? *member : Json();
  return dump(json);
}

std::optional<Reply> find_fault(const Json& request) {
  const auto refuse = [](const char* text) { return Reply::refuse("AT0011", text); };
  const auto app = text_of(request, "appName"), device = text_of(request, "deviceName");
  if (app.empty()) return refuse("appName is mandatory for enroll:request");
  if (device.empty()) return refuse("deviceName is mandatory for enroll:request");
  if (text_of(request, "apkamPublicKey").empty()) {
    return refuse("apkam public key is mandatory for enroll:request");
  }
  if (app.size() > kLongestName || device.size() > kLongestName) {
    return refuse("appName and deviceName must not be longer than 128 bytes");
  }
  return std::nullopt;
}

// What the first application asks for, {"name":"r"|"rw"}, built anew; nothing for anything else.
std::optional<Json> namespaces_in(const Json& request) {
  Json built = Json::object();
  const auto asked = request.find("namespaces");
  if (asked == request.end() || asked->is_null()) return built;
  if (!asked->is_object()) return std::nullopt;
  for (const auto& item : asked->items()) {
    const auto& access = item.value();
    if (access != "r" && access != "rw") return std::nullopt;
    built[item.key()] = access == "r" ? "r" : "rw";
  }
  return built;
}

Reply approve_first(Turn& turn, const Json& request) {
  const auto& id = turn.moment.uuid;
  const auto key = text_of(request, "apkamPublicKey");
  auto namespaces = namespaces_in(request);
  if (!namespaces) {
    return Reply::refuse("AT0011", "namespaces must be an object of names with \"r\" or \"rw\"");
  }
  (*namespaces)["__manage"] = "rw";
  (*namespaces)["*"] = "rw";
  Json record;
  record["sessionId"] = turn.state.id;
  record["appName"] = text_of(request, "appName");
  record["deviceName"] = text_of(request, "deviceName");
  record["namespaces"] = *std::move(namespaces);
  record["apkamPublicKey"] = key;
  record["requestType"] = "newEnrollment";
  record["approval"]["state"] = "approved";
  const auto& self = turn.self().str();
  put(turn, record_key(turn, id), dump(record));
  put(turn, id + ".default_enc_private_key.__manage" + self,
      wrapped(request, "encryptedDefaultEncryptionPrivateKey"));
  put(turn, id + ".default_self_enc_key.__manage" + self,
      wrapped(request, "encryptedDefaultSelfEncryptionKey"));
  put(turn, "privatekey:at_pkam_publickey", key);
  turn.state.enrollment = id;
  return Reply::data(dump(Json{{"enrollmentId", id}, {"status", "approved"}}));
}

}  // namespace

Reply run(Turn& turn, const at::Enroll& verb) {
  if (verb.operation != "request" || !turn.state.by_cram) {
    return Reply::refuse("AT0003",
                         "invalid command: of enroll this server has the request of the "
                         "first application only");
  }
  if (turn.state.enrollment) {
    return Reply::refuse("AT0011", "This connection has made its enrollment already");
  }
  if (verb.json.empty()) return Reply::refuse("AT0022", "Enroll parameters not provided");
  if (verb.json.size() > kLongestJson || !is_shallow_json(verb.json)) {
    return Reply::refuse("AT0022", "Enroll parameters are longer than 64 KiB or nested too deep");
  }
  const auto request = Json::parse(verb.json, nullptr, /*allow_exceptions=*/false);
  if (!request.is_object()) return Reply::refuse("AT0022", "Enroll parameters are no JSON object");
  if (auto fault = find_fault(request)) return *std::move(fault);
  return approve_first(turn, request);
}

std::variant<std::string, Reply> enrolled_key(Turn& turn, const std::string& enrollment) {
  const auto refuse = [&](const char* code, const std::string& state) {
    return Reply::refuse_shape3(code, "enrollment_id: " + printable(enrollment) + " is " + state);
  };
  const auto gone = refuse("AT0028", "expired or invalid");
  const auto key = at::Key::parse(record_key(turn, enrollment));
  if (!key) return gone;
  const auto record = turn.store.records.find(turn.account(), key->str());
  if (!record || !record->is_alive(turn.moment.now)) return gone;
  const auto json = Json::parse(record->value, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("approval")) return gone;
  const auto state = text_of(json["approval"], "state");
  if (state == "denied") return refuse("AT0025", state);
  if (state == "pending") return refuse("AT0026", state);
  if (state == "revoked") return refuse("AT0027", state);
  if (state != "approved") return gone;
  return text_of(json, "apkamPublicKey");
}

}  // namespace noports::atserver
