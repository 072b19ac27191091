// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/answer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

using nlohmann::ordered_json;

struct Code {
  std::string_view code;
  Errc meaning;
  std::string_view text;
};

// Texts: atprotocol-wire.md 7.2. Meanings: what a caller of the client can do about it.
constexpr Code kCodes[] = {
    {"AT0001", Errc::io, "Server exception"},
    {"AT0002", Errc::io, "DataStore exception"},
    {"AT0003", Errc::bad_syntax, "Invalid syntax"},
    {"AT0004", Errc::disconnected, "Socket error"},
    {"AT0005", Errc::refused, "Buffer limit exceeded"},
    {"AT0006", Errc::disconnected, "Outbound connection limit exceeded"},
    {"AT0007", Errc::not_found, "Secondary server not found"},
    {"AT0008", Errc::rejected, "Handshake failure"},
    {"AT0009", Errc::refused, "UnAuthorized client in request"},
    {"AT0010", Errc::io, "Internal server error"},
    {"AT0011", Errc::refused, "Internal server exception"},
    {"AT0012", Errc::disconnected, "Inbound connection limit exceeded"},
    {"AT0013", Errc::refused, "Connection Exception"},
    {"AT0014", Errc::io, "Unknown AtClient exception"},
    {"AT0015", Errc::not_found, "key not found"},
    {"AT0016", Errc::bad_syntax, "Invalid key"},
    {"AT0021", Errc::disconnected, "Unable to connect to secondary"},
    {"AT0022", Errc::bad_syntax, "Illegal arguments"},
    {"AT0023", Errc::timed_out, "Timeout waiting for response"},
    {"AT0024", Errc::disconnected, "Server is paused"},
    {"AT0025", Errc::rejected, "Apkam Auth Denied"},
    {"AT0026", Errc::rejected, "Apkam Auth Failed"},
    {"AT0027", Errc::revoked, "Apkam Access Revoked"},
    {"AT0028", Errc::rejected, "Too Many Requests"},
    {"AT0029", Errc::revoked, "Apkam Enrollment Expired"},
    {"AT0030", Errc::rejected, "Invalid Enrollment Status"},
    {"AT0031", Errc::refused, "Cannot revoke self enrollment"},
    {"AT0401", Errc::rejected, "Client authentication failed"},
};

const Code* find_code(std::string_view code) noexcept {
  const auto* found = std::find_if(std::begin(kCodes), std::end(kCodes),
                                   [code](const Code& one) { return one.code == code; });
  return found == std::end(kCodes) ? nullptr : found;
}

bool is_code(std::string_view text) noexcept {
  return take(text, "AT") && !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// A prompt in front has an '@' before the first ':' of the line, and nothing else has.
std::string_view without_prompts(std::string_view line) noexcept {
  const auto at = line.substr(0, line.find(':')).rfind('@');
  return at == line.npos ? line : line.substr(at + 1);
}

std::optional<Refusal> decode_json(std::string_view body) {
  if (!is_shallow_json(body)) return std::nullopt;
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto text_of = [&](const char* name) {
    const auto member = json.find(name);
    return member != json.end() && member->is_string() ? member->get<std::string>() : "";
  };
  auto code = text_of("errorCode");
  if (!is_code(code)) code.clear();
  return Refusal{std::move(code), text_of("errorDescription")};
}

Refusal decode_refusal(std::string_view body) {
  if (body.starts_with('{')) {
    if (auto refusal = decode_json(body)) return *std::move(refusal);
  }
  const auto end = body.find_first_of("-:");
  const auto code = body.substr(0, end);
  if (!is_code(code) && code != "null") return Refusal{"", std::string(body)};
  const auto text = end == body.npos ? std::string_view() : body.substr(end + 1);
  return Refusal{code == "null" ? "" : std::string(code), std::string(text)};
}

std::string one_line(std::string line) {
  if (line.find('\n') != line.npos) throw std::logic_error("an answer must be one line");
  return line + "\n";
}

// AT0028 says "too many requests" everywhere but in answer to pkam, where it stands for an
// enrolment that has expired or is gone (atprotocol-wire.md 7.2).
bool is_lost_enrolment(const Refusal& refusal) {
  return refusal.code == "AT0028" && refusal.text.starts_with("enrollment_id: ");
}

std::string_view hint_for(std::string_view code) noexcept {
  if (code == "AT0007") return "check how the atSign is spelt, and that it is activated";
  if (code == "AT0025" || code == "AT0027" || code == "AT0028" || code == "AT0029") {
    return "enrol again and use the new key file";
  }
  if (code == "AT0026") return "approve the enrolment with a key file that may do so";
  if (code == "AT0401") return "use the key file that belongs to this atSign";
  return "";
}

}  // namespace

Answer decode_answer(std::string_view line) {
  line = without_prompts(line);
  if (take(line, "data:")) return Data{std::string(line)};
  if (take(line, "error:")) return decode_refusal(line);
  if (take(line, "notification:")) {
    take(line, " ");
    return Push{std::string(line)};
  }
  return Bare{std::string(line)};
}

std::string encode(const Data& data, std::string_view prompt) {
  return one_line("data:" + data.text) + std::string(prompt);
}

std::string encode(const Refusal& refusal, ErrorShape shape, std::string_view prompt) {
  const std::string code = refusal.code.empty() ? "null" : refusal.code;
  std::string body;
  if (shape == ErrorShape::json) {
    ordered_json json;
    json["errorCode"] = code;
    json["errorDescription"] = refusal.text;
    body = json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  } else {
    body = code + (shape == ErrorShape::text ? "-" : ":") + refusal.text;
    std::replace_if(
        body.begin(), body.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  return one_line("error:" + body) + std::string(prompt);
}

std::string encode(const Push& push) { return one_line("notification: " + push.json); }

std::string_view table_text(std::string_view code) noexcept {
  const auto* found = find_code(code);
  return found ? found->text : std::string_view();
}

Error to_error(const Refusal& refusal) {
  const auto* known = find_code(refusal.code);
  auto meaning = known ? known->meaning : Errc::refused;
  if (is_lost_enrolment(refusal)) meaning = Errc::revoked;
  const auto hop = refusal.code == "AT0007" ? Hop::directory : Hop::atserver;
  auto what = refusal.code.empty() ? std::string("error") : refusal.code;
  // Key names of 255 characters should still be there in full.
  if (!refusal.text.empty())
    what += ": " + printable(refusal.text, 500);
  else if (known)
    what += ": " + std::string(known->text);
  auto error = Error(meaning, hop, std::move(what));
  const auto hint = hint_for(refusal.code);
  return hint.empty() ? error : std::move(error).hint(hint);
}

}  // namespace noports::at
