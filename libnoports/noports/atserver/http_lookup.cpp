// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/http_lookup.hpp"

#include "noports/atserver/verbs.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

std::string_view reason(HttpStatus status) {
  switch (status) {
    case HttpStatus::ok:
      return "OK";
    case HttpStatus::bad_request:
      return "Bad Request";
    case HttpStatus::not_found:
      return "Not Found";
    case HttpStatus::method_not_allowed:
      return "Method Not Allowed";
    case HttpStatus::misdirected:
      return "Misdirected Request";
    case HttpStatus::too_large:
      return "Request Header Fields Too Large";
    case HttpStatus::failed:
      break;
  }
  return "Internal Server Error";
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%40alice" is "@alice"; nothing for a '%' without two hexadecimal digits behind it.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

}  // namespace

std::variant<PublicQuery, HttpStatus> parse_request_line(std::string_view line) {
  const auto words = split(line, ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1.")) return HttpStatus::bad_request;
  if (words[0] != "GET") return HttpStatus::method_not_allowed;
  auto target = words[1];
  if (!take(target, "/")) return HttpStatus::bad_request;
  const auto slash = target.find('/');
  if (slash == target.npos) return HttpStatus::bad_request;
  const auto atsign = percent_decode(target.substr(0, slash));
  const auto key = percent_decode(target.substr(slash + 1));
  if (!atsign || !atsign->starts_with('@') || !key) return HttpStatus::bad_request;
  auto owner = at::Atsign::parse(*atsign);
  auto name = at::KeyName::parse(*key);
  if (!owner || !name) return HttpStatus::bad_request;
  // A name may be too long together with its owner: no record has such a key.
  if (!at::Key::parse(at::Key::open(*name, *owner).str())) return HttpStatus::bad_request;
  return PublicQuery{*std::move(owner), *std::move(name)};
}

std::string http_answer(HttpStatus status, std::string_view body) {
  const auto code = std::to_string(static_cast<int>(status));
  const std::string phrase(reason(status));
  const std::string text = status == HttpStatus::ok ? std::string(body) : phrase + "\n";
  std::string answer = "HTTP/1.1 " + code + " " + phrase + "\r\n";
  answer += "Content-Type: text/plain; charset=utf-8\r\n";
  answer += "Content-Length: " + std::to_string(text.size()) + "\r\n";
  // A record may change, or be withdrawn, at any moment.
  answer += "Cache-Control: no-store\r\n";
  if (status == HttpStatus::method_not_allowed) answer += "Allow: GET\r\n";
  return answer + "Connection: close\r\n\r\n" + text;
}

std::string answer_http(Store& store, const std::optional<at::Atsign>& only, std::string_view line,
                        std::int64_t now) {
  const auto parsed = parse_request_line(line);
  const auto* query = std::get_if<PublicQuery>(&parsed);
  if (!query) return http_answer(std::get<HttpStatus>(parsed));
  if (only && *only != query->owner) return http_answer(HttpStatus::misdirected);
  const auto account = store.accounts.find(query->owner);
  if (!account) return http_answer(HttpStatus::misdirected);
  const auto key = at::Key::open(query->name, query->owner).str();
  const auto record = store.records.find(account->id, key);
  if (!record || !record->is_alive(now) || is_internal(key)) {
    return http_answer(HttpStatus::not_found);
  }
  store.visits[account->id].keys.note(key);
  return http_answer(HttpStatus::ok, record->value);
}

}  // namespace noports::atserver
