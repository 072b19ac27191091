// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/registrar_calls.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::keys {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kCode = 4;           // characters
constexpr std::size_t kMostSecret = 4096;  // bytes; real ones have 128
constexpr std::size_t kMostMessage = 400;  // bytes of a registrar's sentence that are shown
constexpr int kOk = 200, kTooMany = 429, kFirstFailure = 500;  // of HTTP

bool is_visible(unsigned char c) { return c > ' ' && c < 0x7f; }

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

Json parse(std::string_view body, std::size_t longest) {
  if (body.size() > longest || !is_shallow_json(body)) return {};
  return Json::parse(body, nullptr, /*allow_exceptions=*/false);
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string* text_member(Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? nullptr : found->get_ptr<std::string*>();
}

// A text member that is wiped where the parser keeps it.
crypto::Secret take_secret(Json& json, const char* name) {
  auto* const text = text_member(json, name);
  if (text == nullptr) return {};
  crypto::Secret secret{std::string_view(*text)};
  crypto::wipe(*text);
  return secret;
}

crypto::Secret dump_secretly(Json& json, const char* secret_member) {
  auto text = dump(json);
  crypto::Secret whole{std::string_view(text)};
  crypto::wipe(text);
  static_cast<void>(take_secret(json, secret_member));
  return whole;
}

Result<RegistrarRequest> decode_request(Json& json) {
  if (!json.is_object()) return fail(Errc::bad_syntax, "Want a JSON object");
  auto* const name = text_member(json, "atsign");
  auto atsign = at::Atsign::parse(name == nullptr ? std::string() : *name);
  if (!atsign) return fail(Errc::bad_syntax, "Want an atsign");
  return RegistrarRequest{*std::move(atsign), crypto::Secret()};
}

// What a registrar says, and with which status of HTTP.
struct Said {
  Json json;
  std::string message;  // printable; may be empty

  // Those of which every caller thinks alike; nothing at 200.
  Result<void> check(int status) const {
    if (status == kOk && json.is_object()) return {};
    if (status == kOk) {
      return fail(Errc::bad_syntax, Hop::directory, "its answer cannot be read");
    }
    auto what = message.empty() ? "it answers with HTTP status " + std::to_string(status) : message;
    if (status == kTooMany) {
      return fail(Error(Errc::busy, Hop::directory, std::move(what)).hint("try again later"));
    }
    const auto code = status >= kFirstFailure ? Errc::io : Errc::refused;
    return fail(code, Hop::directory, std::move(what));
  }
};

Said read(std::string_view body) {
  Said said{parse(body, kLongestRegistrarAnswer), ""};
  if (!said.json.is_object()) return said;
  if (const auto* text = text_member(said.json, "message")) {
    said.message = printable(*text, kMostMessage);
  }
  return said;
}

bool holds(std::string_view text, std::string_view piece) {
  return lower(text).find(piece) != std::string::npos;
}

}  // namespace

crypto::Secret encode(const RegistrarRequest& request) {
  Json json;
  json["atsign"] = request.atsign.str();
  if (!request.code.empty()) json["otp"] = request.code.text();
  return dump_secretly(json, "otp");
}

Result<RegistrarRequest> decode_send_code(std::string_view body) {
  auto json = parse(body, kLongestRegistrarRequest);
  return decode_request(json);
}

Result<RegistrarRequest> decode_activate(std::string_view body) {
  auto json = parse(body, kLongestRegistrarRequest);
  auto request = decode_request(json);
  if (!request) return request;
  request->code = take_secret(json, "otp");
  if (request->code.empty()) return fail(Errc::bad_syntax, "Want an otp");
  for (auto& byte : request->code.writable()) {
    byte = static_cast<std::byte>(upper(static_cast<char>(byte)));
  }
  return request;
}

std::string encode_registrar_message(std::string_view message) {
  Json json;
  json["message"] = message;
  return dump(json);
}

std::string encode_code_sent() { return encode_registrar_message("Sent Successfully"); }

crypto::Secret encode_activated(const at::Atsign& atsign, const crypto::Secret& secret) {
  Json json;
  json["message"] = "Verified";
  auto& text = json["cramkey"] = std::string();
  auto& key = *text.get_ptr<std::string*>();
  key.reserve(atsign.str().size() + 1 + secret.size());  // so that no copy stays behind
  key.append(atsign.str()).append(":").append(secret.text());
  return dump_secretly(json, "cramkey");
}

Result<void> decode_code_sent(int status, std::string_view body) {
  const auto said = read(body);
  if (auto checked = said.check(status); !checked) return checked;
  if (holds(said.message, "sent successfully")) return {};
  return fail(Errc::refused, Hop::directory,
              "it sends no code: " + (said.message.empty() ? "no reason given" : said.message));
}

Result<crypto::Secret> decode_activated(int status, std::string_view body, const at::Atsign& self) {
  auto said = read(body);
  auto whole = said.json.is_object() ? take_secret(said.json, "cramkey") : crypto::Secret();
  if (auto checked = said.check(status); !checked) return fail(std::move(checked).error());
  if (whole.empty() || !holds(said.message, "verified")) {
    return fail(Errc::rejected,
                said.message.empty() ? "the code is not the right one" : std::move(said.message));
  }
  const auto text = whole.text();
  const auto colon = text.find(':');
  const auto whose = at::Atsign::parse(std::string(text.substr(0, colon)));
  if (colon == text.npos || !whose || *whose != self) {
    return fail(Errc::bad_syntax, Hop::directory, "its answer is not about " + self.str());
  }
  const auto secret = text.substr(colon + 1);
  if (secret.empty() || secret.size() > kMostSecret ||
      !std::all_of(secret.begin(), secret.end(), is_visible)) {
    return fail(Errc::bad_syntax, Hop::directory, "its answer holds no usable secret");
  }
  return crypto::Secret(secret);
}

Result<crypto::Secret> parse_registrar_code(std::string_view typed) {
  const auto text = trim(typed);
  if (text.size() != kCode || !is_alphanumeric(text.front()) ||
      !std::all_of(text.begin(), text.end(), is_visible)) {
    return fail(Errc::config, "a verification code has four letters and digits");
  }
  crypto::Secret code(text);
  for (auto& byte : code.writable()) {
    byte = static_cast<std::byte>(upper(static_cast<char>(byte)));
  }
  return code;
}

}  // namespace noports::keys
