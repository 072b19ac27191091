// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/first_enrolment.hpp"

#include <nlohmann/json.hpp>

#include "noports/base/text.hpp"

namespace noports::activate {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostId = 128;  // bytes; real ones are UUIDs

std::string text_of(const ordered_json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : "";
}

// It becomes a part of the pkam verb, between colons.
bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= kMostId &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == text.npos;
}

}  // namespace

at::Enroll encode(const FirstEnrolment& wanted) {
  ordered_json json;
  json["appName"] = wanted.app_name;
  json["deviceName"] = wanted.device_name;
  json["apkamPublicKey"] = wanted.public_key;
  return at::Enroll{"request", json.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

Result<FirstEnrolment> decode_first_enrolment(std::string_view text) {
  const auto json = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::bad_syntax, "enrolment: not a JSON object");
  FirstEnrolment wanted{text_of(json, "appName"), text_of(json, "deviceName"),
                        text_of(json, "apkamPublicKey")};
  if (wanted.app_name.empty() || wanted.device_name.empty() || wanted.public_key.empty()) {
    return fail(Errc::bad_syntax, "enrolment: want appName, deviceName and apkamPublicKey");
  }
  return wanted;
}

Result<std::string> decode_enrolled(std::string_view text) {
  const auto json = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return fail(Errc::bad_syntax, Hop::atserver, "the answer to the enrolment cannot be read");
  }
  const auto status = text_of(json, "status");
  if (status != "approved") {
    return fail(Errc::refused, Hop::atserver,
                "the first enrolment is not approved, its status is \"" + printable(status) + "\"");
  }
  auto id = text_of(json, "enrollmentId");
  if (!is_id(id)) {
    return fail(Errc::bad_syntax, Hop::atserver, "the answer to the enrolment has no proper id");
  }
  return id;
}

bool is_taken(const Error& refusal) {
  return refusal.code() == Errc::refused &&
         refusal.what().find("Another enrollment with id") != std::string::npos;
}

}  // namespace noports::activate
