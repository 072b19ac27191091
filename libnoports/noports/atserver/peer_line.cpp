// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer_line.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "noports/atserver/peer.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostMembers = 64;       // of one record's metadata; the reference has 24
constexpr std::size_t kLongestNonce = 128;     // bytes; a UUID has 36
constexpr std::size_t kLongestRefusal = 4096;  // bytes of an answer to pol

constexpr std::string_view kNonceLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

Json parse(std::string_view text) {
  if (!is_shallow_json(text)) return Json();
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

const std::string* text_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? &found->get_ref<const std::string&>()
                                                     : nullptr;
}

// What a newer server says and we do not understand does not spoil the rest.
at::Metadata metadata_of(const Json& json) {
  auto good = Json::object();
  for (const auto& [name, value] : json.items()) {
    if (good.size() >= kMostMembers) break;
    Json one;
    one[name] = value;
    const auto text = one.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (at::metadata_from_json(text)) good[name] = value;
  }
  auto all = at::metadata_from_json(good.dump(-1, ' ', false, Json::error_handler_t::replace));
  return all ? *std::move(all) : at::Metadata();
}

std::optional<std::int64_t> date_member(const Json& object, const char* name) {
  const auto* text = text_member(object, name);
  return text ? parse_date(*text) : std::nullopt;
}

// "2024", from the front of `rest`
std::optional<int> take_digits(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) return std::nullopt;
  const auto number = parse_number(rest.substr(0, count));
  if (!number) return std::nullopt;
  rest.remove_prefix(count);
  return static_cast<int>(*number);
}

// The same with `separator` in front of it.
std::optional<int> take_field(std::string_view& rest, std::string_view separator) {
  if (!take(rest, separator)) return std::nullopt;
  return take_digits(rest, 2);
}

// ".123" or ".123456"; nothing is 0.
std::optional<int> take_milliseconds(std::string_view& rest) {
  if (!take(rest, ".")) return 0;
  const auto length = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (length == 0 || length > 9) return std::nullopt;
  const auto digits = (std::string(rest.substr(0, length)) + "00").substr(0, 3);
  rest.remove_prefix(length);
  return static_cast<int>(parse_number(digits).value_or(0));
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view rest) {
  using namespace std::chrono;
  const auto y = take_digits(rest, 4);
  const auto mo = take_field(rest, "-"), d = take_field(rest, "-");
  if (!y || !mo || !d || rest.empty() || (rest[0] != ' ' && rest[0] != 'T')) return std::nullopt;
  rest.remove_prefix(1);
  const auto h = take_digits(rest, 2);
  const auto mi = take_field(rest, ":"), s = take_field(rest, ":");
  const auto ms = take_milliseconds(rest);
  take(rest, "Z");
  if (!h || !mi || !s || !ms || !rest.empty() || *h > 23 || *mi > 59 || *s > 60) {
    return std::nullopt;
  }
  const year_month_day date(year(*y), month(static_cast<unsigned>(*mo)),
                            day(static_cast<unsigned>(*d)));
  if (!date.ok()) return std::nullopt;
  const auto moment = sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s) + milliseconds(*ms);
  return duration_cast<milliseconds>(moment.time_since_epoch()).count();
}

Result<PeerLine> decode_peer_line(std::string_view line) {
  auto answer = at::decode_answer(line);
  if (auto* data = std::get_if<at::Data>(&answer)) return PeerLine(std::move(*data));
  if (auto* refusal = std::get_if<at::Refusal>(&answer)) return PeerLine(std::move(*refusal));
  return fail(Errc::bad_syntax, "that is no answer of an atServer");
}

Result<Record> decode_peer_record(std::string_view text, const at::Key& key, std::int64_t now) {
  if (text == "null") return fail(Errc::not_found, "the record has no value");
  const auto json = parse(text);
  if (!json.is_object()) return fail(Errc::bad_syntax, "a record: want a JSON object");
  const auto* value = text_member(json, "data");
  if (!value || *value == "null") return fail(Errc::not_found, "the record has no value");
  // It is to stand in a line.
  if (value->find('\n') != value->npos) return fail(Errc::bad_syntax, "a record: want one line");
  Record record;
  record.key = key.str();
  record.value = *value;
  record.created = record.updated = now;
  const auto meta = json.find("metaData");
  if (meta == json.end() || !meta->is_object()) return record;
  record.metadata = metadata_of(*meta);
  record.created = date_member(*meta, "createdAt").value_or(now);
  record.updated = date_member(*meta, "updatedAt").value_or(now);
  record.available = date_member(*meta, "availableAt");
  record.expires = date_member(*meta, "expiresAt");
  record.refresh = date_member(*meta, "refreshAt");
  const auto version = meta->find("version");
  if (version != meta->end() && version->is_number_unsigned()) {
    record.version = static_cast<std::int64_t>(version->get<std::uint32_t>());
  }
  return record;
}

Result<std::vector<std::string>> decode_peer_keys(std::string_view text) {
  const auto json = parse(text);
  if (!json.is_array() || json.size() > kMostPeerKeys) {
    return fail(Errc::bad_syntax, "names of records: want a JSON array, not too long");
  }
  std::vector<std::string> keys;
  for (const auto& one : json) {
    if (!one.is_string()) continue;
    const auto& key = one.get_ref<const std::string&>();
    if (at::Key::parse(key)) keys.push_back(key);
  }
  return keys;
}

Result<PeerChallenge> decode_peer_challenge(std::string_view text, const at::Atsign& self) {
  const auto want = [] { return fail(Errc::bad_syntax, "want proof:<id>@<us>:<challenge>"); };
  if (!take(text, "proof:")) return want();
  const auto at = text.find('@');
  const auto colon = text.rfind(':');
  if (at == text.npos || colon == text.npos || colon < at) return want();
  const auto id = connection_id(text.substr(0, at));
  const auto nonce = text.substr(colon + 1);
  const bool good = nonce.size() >= 8 && nonce.size() <= kLongestNonce &&
                    nonce.find_first_not_of(kNonceLetters) == nonce.npos;
  if (!id || !good || text.substr(at, colon - at) != self.str()) return want();
  return PeerChallenge{*id, std::string(nonce)};
}

PolAnswer decode_pol_answer(std::string_view bytes, const at::Atsign& self) {
  using Verdict = PolAnswer::Verdict;
  // The prompt behind the answer to `from` may have been late.
  if (bytes.starts_with("@@")) bytes.remove_prefix(1);
  const auto wanted = self.str() + "@";
  if (bytes.starts_with(wanted)) return PolAnswer{Verdict::accepted};
  if (std::string_view(wanted).starts_with(bytes)) return PolAnswer{Verdict::incomplete};
  const auto end = bytes.find('\n');
  if (end == bytes.npos) {
    return PolAnswer{bytes.size() > kLongestRefusal ? Verdict::nonsense : Verdict::incomplete};
  }
  auto line = bytes.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  auto answer = at::decode_answer(line);
  auto* refusal = std::get_if<at::Refusal>(&answer);
  if (!refusal) return PolAnswer{Verdict::nonsense};
  return PolAnswer{Verdict::refused, std::move(*refusal)};
}

}  // namespace noports::atserver
