// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/enrolment.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"

namespace noports::activate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRecordName = ".new.enrollments.__manage";

// An object, or null for anything else.
Json parse_object(std::string_view text) {
  if (!is_shallow_json(text)) return Json();
  auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json();
}

// Empty for a member that is missing or no text.
std::string text_member(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Unexpected no_answer(std::string_view what) {
  return fail(Errc::bad_syntax, Hop::atserver,
              "the atServer's answer cannot be read: " + std::string(what));
}

bool is_access(std::string_view text) { return text == "r" || text == "rw"; }

Json json_of(const Namespaces& namespaces) {
  Json json = Json::object();
  for (const auto& one : namespaces) json[one.name] = one.access;
  return json;
}

// What a server or a requester says; names and access are shown, not acted on.
Namespaces namespaces_in(const Json& json, const char* member) {
  Namespaces all;
  const auto found = json.find(member);
  if (found == json.end() || !found->is_object()) return all;
  for (const auto& item : found->items()) {
    if (item.value().is_string()) all.push_back({item.key(), item.value().get<std::string>()});
  }
  return all;
}

// The id in "<id>.new.enrollments.__manage@alice".
std::string id_in(std::string_view key) {
  const auto id = key.substr(0, key.find('.'));
  const bool is_one = is_enrolment_id(id) && key.substr(id.size()).starts_with(kRecordName);
  return is_one ? std::string(id) : std::string();
}

Result<Enrolment> enrolment_in(std::string_view id, const Json& json) {
  if (!json.is_object() || !is_enrolment_id(id)) return no_answer("no enrolment");
  Enrolment one;
  one.id = std::string(id);
  one.app_name = text_member(json, "appName");
  one.device_name = text_member(json, "deviceName");
  one.namespaces = namespaces_in(json, "namespace");
  if (one.namespaces.empty()) one.namespaces = namespaces_in(json, "namespaces");
  one.status = text_member(json, "status");
  one.wrapped_key = text_member(json, "encryptedAPKAMSymmetricKey");
  return one;
}

constexpr std::string_view kPrivateKey = "default_enc_private_key";
constexpr std::string_view kSelfKey = "default_self_enc_key";

at::Keys kept(std::string_view id, std::string_view which, const at::Atsign& owner) {
  at::Keys verb;
  verb.key_name = std::string(id) + "." + std::string(which) + ".__manage" + owner.str();
  return verb;
}

Result<std::string> encrypted(const crypto::Secret& symmetric, std::string_view iv,
                              std::string_view text) {
  auto bytes = crypto::encrypt_value(symmetric.bytes(), iv, text);
  if (!bytes) return fail(std::move(bytes).error());
  return crypto::base64(*bytes);
}

}  // namespace

bool is_enrolment_id(std::string_view text) noexcept {
  constexpr std::size_t kMost = 128;  // bytes; real ones are UUIDs
  return !text.empty() && text.size() <= kMost &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == text.npos;
}

Result<Namespaces> parse_namespaces(std::string_view text) {
  constexpr std::string_view kForm = "want NAMESPACE:r or NAMESPACE:rw, with commas between";
  std::string plain(text);
  std::erase(plain, '"');
  Namespaces all;
  for (const auto piece : split(plain, ',')) {
    const auto item = trim(piece);
    const auto colon = item.rfind(':');
    if (colon == item.npos) return fail(Errc::config, std::string(kForm));
    const auto name = trim(item.substr(0, colon));
    const auto access = trim(item.substr(colon + 1));
    const bool is_named = !name.empty() && name.find_first_of(" :@\t{}") == name.npos;
    if (!is_named || !is_access(access) || !is_utf8(name)) {
      return fail(Errc::config, std::string(kForm));
    }
    const bool is_twice = std::any_of(all.begin(), all.end(),
                                      [&](const Namespace& other) { return other.name == name; });
    if (is_twice) return fail(Errc::config, printable(name) + " is named twice");
    all.push_back({std::string(name), std::string(access)});
  }
  return all;
}

std::string text_of(const Namespaces& namespaces) {
  std::string text = "{";
  for (const auto& one : namespaces) {
    if (text.size() > 1) text += ", ";
    text += one.name + ": " + one.access;
  }
  return text + "}";
}

at::Enroll encode(const EnrolRequest& wanted) {
  Json json;
  json["appName"] = wanted.app_name;
  json["deviceName"] = wanted.device_name;
  json["namespaces"] = json_of(wanted.namespaces);
  if (!wanted.passcode.empty()) json["otp"] = wanted.passcode;
  json["encryptedAPKAMSymmetricKey"] = wanted.wrapped_key;
  json["apkamPublicKey"] = wanted.public_key;
  json["apkamKeysExpiryInMillis"] = wanted.expiry.count();
  return at::Enroll{"request", compact(json)};
}

Result<EnrolRequest> decode_enrol_request(std::string_view text) {
  const auto json = parse_object(text);
  if (json.is_null()) return fail(Errc::bad_syntax, "enrolment: not a JSON object");
  EnrolRequest wanted;
  wanted.app_name = text_member(json, "appName");
  wanted.device_name = text_member(json, "deviceName");
  wanted.namespaces = namespaces_in(json, "namespaces");
  wanted.passcode = text_member(json, "otp");
  wanted.wrapped_key = text_member(json, "encryptedAPKAMSymmetricKey");
  wanted.public_key = text_member(json, "apkamPublicKey");
  const auto expiry = json.find("apkamKeysExpiryInMillis");
  if (expiry != json.end() && expiry->is_number_integer() && expiry->get<std::int64_t>() > 0) {
    wanted.expiry = std::chrono::milliseconds(expiry->get<std::int64_t>());
  }
  if (wanted.app_name.empty() || wanted.device_name.empty() || wanted.public_key.empty()) {
    return fail(Errc::bad_syntax, "enrolment: want appName, deviceName and apkamPublicKey");
  }
  return wanted;
}

std::string check_code(const crypto::Secret& symmetric, std::string_view id) {
  constexpr std::size_t kDigits = 8;
  auto text = std::string(crypto::base64_secret(symmetric.bytes()).text());
  auto both = text + std::string(id);
  auto code = crypto::hex(crypto::sha256(both)).substr(0, kDigits);
  crypto::wipe(text);
  crypto::wipe(both);
  return code;
}

Result<Enrolment> decode_enrolment(std::string_view id, std::string_view text) {
  return enrolment_in(id, parse_object(text));
}

Result<std::vector<Enrolment>> decode_enrolments(std::string_view text) {
  const auto json = parse_object(text);
  if (json.is_null()) return no_answer("no list of enrolments");
  std::vector<Enrolment> all;
  for (const auto& item : json.items()) {
    const auto id = id_in(item.key());
    auto one = enrolment_in(id, item.value());
    if (!one) return fail(std::move(one).error());
    all.push_back(*std::move(one));
  }
  return all;
}

Result<Outcome> decode_outcome(std::string_view text) {
  const auto json = parse_object(text);
  Outcome outcome;
  if (!json.is_null()) {
    outcome.id = text_member(json, "enrollmentId");
    outcome.status = text_member(json, "status");
  }
  if (!is_enrolment_id(outcome.id) || outcome.status.empty()) {
    return no_answer("neither an enrolment's id nor its status");
  }
  return outcome;
}

Result<Enrolment> decode_request_note(std::string_view key, std::string_view value) {
  if (const auto colon = key.find(':'); colon != key.npos) key.remove_prefix(colon + 1);
  auto one = enrolment_in(id_in(key), parse_object(value));
  if (!one) return one;
  one->status = "pending";
  return one;
}

at::Enroll about(std::string_view operation, std::string_view id, bool force) {
  Json json;
  json["enrollmentId"] = std::string(id);
  return at::Enroll{std::string(operation), compact(json), force};
}

at::Enroll list_of(const std::vector<std::string>& statuses) {
  if (statuses.empty()) return at::Enroll{"list", ""};
  Json json;
  json["enrollmentStatusFilter"] = statuses;
  return at::Enroll{"list", compact(json)};
}

Standing standing(const Error& refusal) {
  const auto says = [&](const char* code) {
    return refusal.what().find(code) != std::string::npos;
  };
  const auto code = refusal.code();
  const bool is_refusal = code == Errc::rejected || code == Errc::refused || code == Errc::revoked;
  if (!is_refusal) return Standing::unknown;
  if (says("AT0026")) return Standing::pending;
  if (says("AT0025")) return Standing::denied;
  if (says("AT0027")) return Standing::revoked;
  if (says("AT0028") || says("AT0029")) return Standing::expired;
  if (says("AT0401")) return Standing::unproven;
  return Standing::unknown;
}

// --- the handing over of keys -----------------------------------------------

Result<std::string> wrap_key(const crypto::Secret& symmetric, const crypto::PublicKey& owner) {
  auto bytes = owner.encrypt(crypto::base64_secret(symmetric.bytes()).text());
  if (!bytes) return fail(std::move(bytes).error());
  return crypto::base64(*bytes);
}

Result<crypto::Secret> unwrap_key(std::string_view wrapped, const crypto::PrivateKey& owner) {
  constexpr std::string_view kNone = "the request holds no key that was encrypted for this atSign";
  auto bytes = crypto::base64_decode(wrapped);
  if (!bytes || bytes->empty()) return fail(Errc::bad_syntax, std::string(kNone));
  auto text = owner.decrypt(*bytes);
  if (!text) return fail(Errc::bad_syntax, std::string(kNone));
  auto key = crypto::base64_decode_secret(text->text());
  if (!key || key->size() != crypto::kAesKeySize) return fail(Errc::bad_syntax, std::string(kNone));
  return key;
}

Result<at::Enroll> approve(const Enrolment& wanted, const keys::Keys& ours,
                           const std::optional<ApprovalIvs>& ivs) {
  auto symmetric = unwrap_key(wanted.wrapped_key, ours.encryption);
  if (!symmetric) return fail(std::move(symmetric).error());
  const std::string_view private_iv = ivs ? std::string_view(ivs->private_key) : crypto::kZeroIv;
  const std::string_view self_iv = ivs ? std::string_view(ivs->self_key) : crypto::kZeroIv;
  auto private_key = encrypted(*symmetric, private_iv, ours.encryption.text().text());
  if (!private_key) return fail(std::move(private_key).error());
  const auto self_text = crypto::base64_secret(ours.self_encryption.bytes());
  auto self_key = encrypted(*symmetric, self_iv, self_text.text());
  if (!self_key) return fail(std::move(self_key).error());
  Json json;
  json["enrollmentId"] = wanted.id;
  json["encryptedDefaultEncryptionPrivateKey"] = *private_key;
  if (ivs) json["encPrivateKeyIV"] = crypto::base64(private_iv);
  json["encryptedDefaultSelfEncryptionKey"] = *self_key;
  if (ivs) json["selfEncKeyIV"] = crypto::base64(self_iv);
  return at::Enroll{"approve", compact(json)};
}

// 3.1.0 and later (4.9); our own, whose versions count otherwise, says so.
bool keeps_ivs(std::string_view info_json) {
  const auto json = parse_object(info_json);
  if (json.is_null()) return false;
  if (const auto said = json.find("enrollmentIvs"); said != json.end()) return *said == true;
  const auto version = text_member(json, "version");
  const auto pieces = split(version, '.');
  if (pieces.size() < 2) return false;
  const auto major = parse_number(pieces[0]);
  const auto minor = parse_number(pieces[1]);
  return major && minor && (*major > 3 || (*major == 3 && *minor >= 1));
}

at::Keys private_key_of(std::string_view id, const at::Atsign& owner) {
  return kept(id, kPrivateKey, owner);
}

at::Keys self_key_of(std::string_view id, const at::Atsign& owner) {
  return kept(id, kSelfKey, owner);
}

Result<crypto::Secret> open_kept(std::string_view json_text, const crypto::Secret& symmetric) {
  const auto bad = [](const char* why) {
    return fail(Errc::bad_syntax, Hop::atserver,
                std::string("a key that the approver left cannot be read: ") + why);
  };
  const auto json = parse_object(json_text);
  const auto value = json.is_null() ? std::string() : text_member(json, "value");
  auto bytes = crypto::base64_decode(value);
  if (!bytes || bytes->empty()) return bad("it is not there");
  std::string iv(crypto::kZeroIv);
  if (const auto written = text_member(json, "iv"); !written.empty()) {
    auto decoded = crypto::base64_decode(written);
    if (!decoded || decoded->empty() || decoded->size() > crypto::kAesIvSize) return bad("its IV");
    iv = *std::move(decoded);
  }
  auto text = crypto::decrypt_value(symmetric.bytes(), iv, *bytes);
  if (!text) return bad("it was encrypted for another device");
  return text;
}

}  // namespace noports::activate
