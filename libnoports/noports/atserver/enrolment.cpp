// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/enrolment.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;
using Right = Enrolment::Right;

constexpr std::string_view kManage = "__manage";
constexpr std::string_view kAll = "*";
// In the order of Enrolment::State.
constexpr std::array<std::string_view, 4> kStates = {"pending", "approved", "denied", "revoked"};

std::string text_of(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json namespaces_json(const Enrolment& enrolment) {
  Json json = Json::object();
  for (const auto& space : enrolment.namespaces) {
    json[space.name] = space.right == Right::write ? "rw" : "r";
  }
  return json;
}

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

// The most of the namespaces that `covers` accepts, "*" only when there is none.
template <class Covers>
Right most(const Enrolment& enrolment, Covers covers) {
  auto named = Right::none, all = Right::none;
  for (const auto& space : enrolment.namespaces) {
    if (space.name == kAll) all = space.right;
    if (space.name != kAll && covers(space.name)) named = std::max(named, space.right);
  }
  return named == Right::none ? all : named;
}

std::string named(std::string_view id, std::string_view rest, std::string_view owner) {
  return lower(id) + std::string(rest) + std::string(owner);
}

}  // namespace

bool Enrolment::manages() const {
  return std::any_of(namespaces.begin(), namespaces.end(),
                     [](const Namespace& space) { return space.name == kManage; });
}

Right Enrolment::right_on(std::string_view name) const {
  return most(*this, [name](const std::string& space) { return name.ends_with("." + space); });
}

Right Enrolment::right_in(std::string_view space) const {
  if (space == kAll) {
    for (const auto& own : namespaces) {
      if (own.name == kAll) return own.right;
    }
    return Right::none;
  }
  const std::string dotted = "." + std::string(space);
  // Whoever has "*" has not the management of enrolments with it.
  const auto right =
      most(*this, [&](const std::string& own) { return dotted.ends_with("." + own); });
  return dotted.ends_with("." + std::string(kManage)) && !manages() ? Right::none : right;
}

std::string_view state_name(Enrolment::State state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::string enrolment_key(std::string_view id, std::string_view owner) {
  return named(id, ".new.enrollments.__manage", owner);
}
std::string private_key_of(std::string_view id, std::string_view owner) {
  return named(id, ".default_enc_private_key.__manage", owner);
}
std::string self_key_of(std::string_view id, std::string_view owner) {
  return named(id, ".default_self_enc_key.__manage", owner);
}

std::string encode(const Enrolment& enrolment) {
  Json json;
  json["sessionId"] = enrolment.session;
  json["appName"] = enrolment.app;
  json["deviceName"] = enrolment.device;
  json["namespaces"] = namespaces_json(enrolment);
  json["apkamPublicKey"] = enrolment.key;
  json["requestType"] = "newEnrollment";
  json["approval"]["state"] = std::string(state_name(enrolment.state));
  json["encryptedAPKAMSymmetricKey"] = text_or_null(enrolment.wrapped_key);
  json["apkamKeysExpiryInMillis"] = enrolment.key_life;
  return dump(json);
}

std::optional<Enrolment> decode_enrolment(std::string_view id, std::string_view text) {
  if (!is_shallow_json(text)) return std::nullopt;
  const auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto approval = json.find("approval");
  if (approval == json.end() || !approval->is_object()) return std::nullopt;
  const auto state = text_of(*approval, "state");
  const auto known = std::find(kStates.begin(), kStates.end(), state);
  if (known == kStates.end()) return std::nullopt;
  Enrolment enrolment;
  enrolment.id = id;
  enrolment.state = static_cast<Enrolment::State>(known - kStates.begin());
  enrolment.session = text_of(json, "sessionId");
  enrolment.app = text_of(json, "appName");
  enrolment.device = text_of(json, "deviceName");
  enrolment.key = text_of(json, "apkamPublicKey");
  if (const auto wrapped = text_of(json, "encryptedAPKAMSymmetricKey"); !wrapped.empty()) {
    enrolment.wrapped_key = wrapped;
  }
  const auto life = json.find("apkamKeysExpiryInMillis");
  if (life != json.end() && life->is_number_integer()) enrolment.key_life = *life;
  const auto spaces = json.find("namespaces");
  if (spaces == json.end() || !spaces->is_object()) return enrolment;
  for (const auto& item : spaces->items()) {
    const auto& access = item.value();
    if (access != "r" && access != "rw") continue;
    enrolment.namespaces.push_back({item.key(), access == "rw" ? Right::write : Right::read});
  }
  return enrolment;
}

std::string shown_json(const Enrolment& enrolment, std::string_view state) {
  Json json;
  json["appName"] = enrolment.app;
  json["deviceName"] = enrolment.device;
  json["namespace"] = namespaces_json(enrolment);
  json["encryptedAPKAMSymmetricKey"] = text_or_null(enrolment.wrapped_key);
  json["status"] = std::string(state);
  return dump(json);
}

std::string announcement_json(const Enrolment& enrolment) {
  Json json;
  json["encryptedApkamSymmetricKey"] = text_or_null(enrolment.wrapped_key);
  json["encryptedAPKAMSymmetricKey"] = text_or_null(enrolment.wrapped_key);
  json["appName"] = enrolment.app;
  json["deviceName"] = enrolment.device;
  json["namespace"] = namespaces_json(enrolment);
  return dump(json);
}

}  // namespace noports::atserver
