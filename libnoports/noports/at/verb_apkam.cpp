// SPDX-License-Identifier: BSD-3-Clause
// What enrolments need beside `enroll`: otp, keys; and info, which says how old a server is.
#include <algorithm>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

constexpr std::size_t kShortestPasscode = 6;

// ":name" or ":name:" in front of what follows, as the grammar of `keys` has it.
bool take_step(std::string_view& rest, std::string_view name) {
  if (!take_flag(rest, name)) return false;
  if (rest == ":") rest.remove_prefix(1);
  return true;
}

bool is_word(std::string_view text) { return is_id(text) && text.find('-') == text.npos; }

}  // namespace

std::string encode(const Info& verb) { return verb.brief ? "info:brief" : "info"; }

std::string encode(const Otp& verb) {
  std::string line = verb.operation == Otp::Operation::put ? "otp:put" : "otp:get";
  if (!verb.passcode.empty()) line += ":" + verb.passcode;
  if (verb.ttl) line += ":ttl:" + std::to_string(*verb.ttl);
  return line;
}

std::string encode(const Keys& verb) {
  static constexpr std::string_view kOperations[] = {"put", "get", "delete"};
  std::string line = "keys:" + std::string(kOperations[static_cast<int>(verb.operation)]);
  const auto add = [&line](std::string_view name, const std::string& value) {
    if (!value.empty()) line.append(":").append(name).append(":").append(value);
  };
  if (!verb.visibility.empty()) line += ":" + verb.visibility;
  add("namespace", verb.name_space);
  add("appName", verb.app_name);
  add("deviceName", verb.device_name);
  add("keyType", verb.key_type);
  add("encryptionKeyName", verb.encryption_key_name);
  add("keyName", verb.key_name);
  if (!verb.value.empty()) line += " " + verb.value;
  return line;
}

Result<Verb> decode_info(std::string_view rest) {
  if (rest.empty()) return Verb(Info());
  if (!take_flag(rest, "brief") || !rest.empty()) return want("info[:brief]");
  Info info;
  info.brief = true;
  return Verb(info);
}

Result<Verb> decode_otp(std::string_view rest) {
  static constexpr std::string_view kForm =
      "otp:get[:ttl:<ms>] or otp:put:<6 or more letters and digits>[:ttl:<ms>]";
  Otp otp;
  if (take_flag(rest, "put")) {
    otp.operation = Otp::Operation::put;
  } else if (!take_flag(rest, "get")) {
    return want(kForm);
  }
  const auto begins_ttl = [](std::string_view text) { return take_flag(text, "ttl"); };
  if (!rest.empty() && !begins_ttl(rest)) {
    rest.remove_prefix(1);
    otp.passcode = std::string(rest.substr(0, rest.find(':')));
    rest.remove_prefix(otp.passcode.size());
    if (!is_word(otp.passcode) || otp.passcode.size() < kShortestPasscode) return want(kForm);
  }
  if (const auto ttl = take_option(rest, "ttl")) {
    const auto number = parse_number(*ttl);
    if (!number || *number > static_cast<std::uint64_t>(kMaxNumber)) return want(kForm);
    otp.ttl = static_cast<std::int64_t>(*number);
  }
  const bool is_whole = (otp.operation == Otp::Operation::get) != !otp.passcode.empty();
  if (!rest.empty() || !is_whole) return want(kForm);
  return Verb(std::move(otp));
}

Result<Verb> decode_keys(std::string_view rest) {
  static constexpr std::string_view kForm =
      "keys:(put|get|delete)[:public|private|self][:namespace:<n>][:appName:<a>][:deviceName:<d>]"
      "[:keyType:<t>][:encryptionKeyName:<n>][:keyName:<n>][ <value>]";
  const auto blank = rest.find(' ');
  Keys keys;
  if (blank != rest.npos) keys.value = std::string(trim(rest.substr(blank)));
  rest = rest.substr(0, blank);
  if (take_step(rest, "put")) {
    keys.operation = Keys::Operation::put;
  } else if (take_step(rest, "delete")) {
    keys.operation = Keys::Operation::remove;
  } else if (!take_step(rest, "get")) {
    return want(kForm);
  }
  for (const std::string_view visibility : {"public", "private", "self"}) {
    if (!keys.visibility.empty() || !take_step(rest, visibility)) continue;
    keys.visibility = std::string(visibility);
  }
  bool is_sound = true;
  const auto take_name = [&](std::string_view name, std::string& into, bool hyphens) {
    const auto value = take_option(rest, name);
    if (!value) return;
    is_sound = is_sound && (hyphens ? is_id(*value) : is_word(*value));
    into = std::string(*value);
  };
  take_name("namespace", keys.name_space, false);
  take_name("appname", keys.app_name, false);
  take_name("devicename", keys.device_name, false);
  take_name("keytype", keys.key_type, true);
  take_name("encryptionkeyname", keys.encryption_key_name, true);
  if (take_word(rest, ":keyname:")) {  // may hold colons of its own
    is_sound = is_sound && !rest.empty() && is_visible(rest);
    keys.key_name = std::string(rest);
    rest = {};
  }
  if (!is_sound || !rest.empty()) return want(kForm);
  return Verb(std::move(keys));
}

}  // namespace noports::at::codec
