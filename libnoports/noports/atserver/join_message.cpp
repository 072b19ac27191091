// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/join_message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/random.hpp"

namespace noports::atserver {
namespace {

using nlohmann::json;

constexpr std::string_view kJoin = "join:";
constexpr std::size_t kIdDigits = 8, kSecretDigits = 64, kGuestDigits = 32;
constexpr std::size_t kLongestPem = 64 * 1024;  // bytes
constexpr std::size_t kLongestWhy = 400;        // bytes of a sentence

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

json object_of(std::string_view text) {
  if (text.size() > kLongestJoin || !is_shallow_json(text)) return {};
  return json::parse(text, nullptr, false);
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Nothing when it is there and no text; empty when it is not there.
std::optional<std::string> text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

bool is_pem(const std::string& text) {
  return text.size() <= kLongestPem && (text.empty() || text.starts_with("-----BEGIN "));
}

std::optional<HostedAtsign> hosted_of(const std::string& name, const json& port) {
  auto atsign = at::Atsign::parse(name);
  if (!atsign || atsign->str() != name || !port.is_number_unsigned()) return std::nullopt;
  const auto number = port.get<std::uint64_t>();
  if (number == 0 || number > 65535) return std::nullopt;
  return HostedAtsign{*std::move(atsign), static_cast<std::uint16_t>(number)};
}

}  // namespace

JoinToken new_join_token(std::string ca) {
  auto raw = crypto::random_bytes(kSecretDigits / 2);
  auto digits = crypto::hex(raw);
  JoinToken token{crypto::random_nonce().substr(0, kIdDigits),
                  crypto::Secret{std::string_view(digits)}, std::move(ca)};
  crypto::wipe(raw);
  crypto::wipe(digits);
  return token;
}

std::string join_secret_hash(std::string_view secret) {
  return crypto::hex(crypto::sha256(secret));
}

crypto::Secret encode_token_file(const JoinToken& token) {
  std::string secret(token.secret.text());
  nlohmann::ordered_json file = {{"id", token.id}, {"secret", secret}};
  if (!token.ca.empty()) file["ca"] = token.ca;
  auto text = file.dump(2) + "\n";
  crypto::Secret whole{std::string_view(text)};
  crypto::wipe(text);
  crypto::wipe(secret);
  crypto::wipe(file["secret"].get_ref<std::string&>());
  return whole;
}

Result<JoinToken> decode_token_file(std::string_view text) {
  auto file = object_of(text);
  const auto none = [] { return fail(Errc::config, "it holds no token of atplatform join-token"); };
  if (!file.is_object()) return none();
  const auto id = text_member(file, "id");
  auto secret = text_member(file, "secret");
  auto ca = text_member(file, "ca");
  if (!id || !is_hex(*id, kIdDigits) || !secret || !is_hex(*secret, kSecretDigits) || !ca ||
      !is_pem(*ca)) {
    return none();
  }
  JoinToken token{*id, crypto::Secret{std::string_view(*secret)}, *std::move(ca)};
  crypto::wipe(*secret);
  crypto::wipe(file["secret"].get_ref<std::string&>());
  return token;
}

bool is_join(std::string_view line) { return line.starts_with(kJoin); }

crypto::Secret encode_join_line(const JoinToken& token) {
  auto line = std::string(kJoin) + token.id + ".";
  line += token.secret.text();
  crypto::Secret secret{std::string_view(line)};
  crypto::wipe(line);
  return secret;
}

std::optional<JoinToken> decode_join_line(std::string_view line) {
  if (!take(line, kJoin)) return std::nullopt;
  const auto dot = line.find('.');
  if (dot == line.npos) return std::nullopt;
  const auto id = line.substr(0, dot), secret = line.substr(dot + 1);
  if (!is_hex(id, kIdDigits) || !is_hex(secret, kSecretDigits)) return std::nullopt;
  return JoinToken{std::string(id), crypto::Secret{secret}, {}};
}

bool is_host_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 253 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789.-") == name.npos &&
         name.front() != '-' && name.front() != '.';
}

std::string encode(const JoinRequest& request) {
  json object = {{"guest", request.guest}, {"host", request.host}};
  if (request.atsigns) {
    object["atsigns"] = json::object();
    for (const auto& one : *request.atsigns) object["atsigns"][one.atsign.str()] = one.port;
  }
  if (!request.request.empty()) object["request"] = request.request;
  return text_of(object);
}

Result<JoinRequest> decode_join_request(std::string_view line) {
  const auto object = object_of(line);
  if (!object.is_object()) return fail(Errc::bad_syntax, "want a JSON object");
  const auto guest = text_member(object, "guest"), host = text_member(object, "host");
  auto request = text_member(object, "request");
  if (!guest || !is_hex(*guest, kGuestDigits)) return fail(Errc::bad_syntax, "want a guest");
  if (!host || !is_host_name(*host)) return fail(Errc::bad_syntax, "want a host name");
  if (!request || !is_pem(*request)) return fail(Errc::bad_syntax, "want a request in PEM");
  JoinRequest wanted{*guest, lower(*host), std::nullopt, *std::move(request)};
  const auto atsigns = object.find("atsigns");
  if (atsigns == object.end()) return wanted;
  if (!atsigns->is_object()) return fail(Errc::bad_syntax, "want atSigns and their ports");
  wanted.atsigns.emplace();
  for (const auto& [name, port] : atsigns->items()) {
    auto hosted = hosted_of(name, port);
    if (!hosted) return fail(Errc::bad_syntax, "want atSigns and their ports");
    wanted.atsigns->push_back(*std::move(hosted));
  }
  return wanted;
}

std::string join_go_ahead() { return "{}"; }

std::string encode(const JoinAnswer& answer) {
  json object = json::object();
  if (!answer.chain.empty()) object["chain"] = answer.chain;
  for (const auto& one : answer.refused) object["refused"][one.atsign.str()] = one.why;
  return text_of(object);
}

std::string encode_join_refusal(const Error& error) {
  json object = {{"error", error.what()},
                 {"code", error.code() == Errc::rejected ? "rejected" : "refused"}};
  if (!error.hint().empty()) object["hint"] = error.hint();
  return text_of(object);
}

Result<JoinAnswer> decode_join_answer(std::string_view line) {
  line = trim(line);
  while (take(line, "@")) line = trim(line);
  const auto object = object_of(line);
  const auto none = [] { return fail(Errc::bad_syntax, "it does not answer as an atplatform"); };
  if (!object.is_object()) return none();
  if (object.contains("error")) {
    const auto why = text_member(object, "error"), code = text_member(object, "code");
    if (!why || !code) return none();
    Error error(*code == "rejected" ? Errc::rejected : Errc::refused, printable(*why, kLongestWhy));
    return fail(
        std::move(error).hint(printable(text_member(object, "hint").value_or(""), kLongestWhy)));
  }
  auto chain = text_member(object, "chain");
  if (!chain || !is_pem(*chain)) return none();
  JoinAnswer answer{*std::move(chain), {}};
  const auto refused = object.find("refused");
  if (refused == object.end()) return answer;
  if (!refused->is_object()) return none();
  for (const auto& [name, why] : refused->items()) {
    auto atsign = at::Atsign::parse(name);
    if (!atsign || atsign->str() != name || !why.is_string()) return none();
    RefusedAtsign one{*std::move(atsign), printable(why.get<std::string>(), kLongestWhy)};
    answer.refused.push_back(std::move(one));
  }
  return answer;
}

}  // namespace noports::atserver
