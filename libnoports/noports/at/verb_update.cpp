// SPDX-License-Identifier: BSD-3-Clause
// Writing a record in its three forms: update, update:json, update:meta (atprotocol-wire.md 3.10).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

using Json = nlohmann::ordered_json;

// Nothing for a member that is absent, null or of another type.
std::optional<std::string> text_member(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::string with_at(std::string_view atsign) {
  return (atsign.starts_with('@') ? "" : "@") + std::string(atsign);
}

// "atKey" is the complete key, or what stands between sharedWith and sharedBy when either is said.
Result<Key> key_in(const Json& json) {
  const auto entity = text_member(json, "atKey");
  if (!entity) return want("an atKey");
  const auto by = text_member(json, "sharedBy"), with = text_member(json, "sharedWith");
  if (!by && !with) return Key::parse(*entity);
  if (!by) return want("a sharedBy where there is a sharedWith");
  const auto metadata = json.find("metadata");
  const bool open = metadata != json.end() && metadata->is_object() &&
                    metadata->contains("isPublic") && (*metadata)["isPublic"] == true;
  std::string prefix;
  if (open) prefix = "public:";
  if (!open && with) prefix = with_at(*with) + ":";
  return Key::parse(prefix + *entity + with_at(*by));
}

bool is_writable(const Key& key) { return !key.cached && may_name(key, "at_pkam_publickey"); }

Result<Verb> decode_json(std::string_view text) {
  static constexpr std::string_view kForm =
      "update:json:{\"atKey\":<key>,\"value\":<text>[,\"metadata\":{...}]}";
  if (!is_shallow_json(text)) return want(kForm);
  const auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return want(kForm);
  auto value = text_member(json, "value");
  // An answer with this value must be one line.
  if (!value || value->empty() || value->find('\n') != value->npos) {
    return want("a value that is not empty and has no line end");
  }
  auto key = key_in(json);
  if (!key) return fail(std::move(key).error());
  if (!is_writable(*key)) return want("a key that clients may write");
  Metadata metadata;
  if (const auto said = json.find("metadata"); said != json.end() && !said->is_null()) {
    auto read = metadata_from_json(said->dump());
    if (!read) return fail(std::move(read).error());
    metadata = *std::move(read);
  }
  return Verb(Update{std::move(metadata), *std::move(key), *std::move(value)});
}

// ":@bob:phone.ns@alice:ttl:5": the last '@' is the owner's, since metadata holds none.
Result<Verb> decode_meta(std::string_view rest) {
  static constexpr std::string_view kForm = "update:meta:<key>[:<metadata>]";
  const auto owner = rest.rfind('@');
  if (!take(rest, ":") || owner == rest.npos) return want(kForm);
  const auto end = std::min(rest.find(':', owner - 1), rest.size());
  auto key = Key::parse(rest.substr(0, end));
  if (!key) return fail(std::move(key).error());
  if (!is_writable(*key)) return want("a key that clients may write");
  rest.remove_prefix(end);
  auto metadata = take_metadata(rest);
  if (!metadata) return fail(std::move(metadata).error());
  if (!rest.empty()) return want(kForm);
  return Verb(UpdateMeta{*std::move(key), *std::move(metadata)});
}

}  // namespace

std::string encode(const Update& verb) {
  // A blank at the end of a line is no part of it.
  if (trim("." + verb.value).size() == verb.value.size() + 1) {
    return "update" + at::encode(verb.metadata) + ":" + verb.key.str() + " " + verb.value;
  }
  Json json;
  json["atKey"] = verb.key.str();
  json["value"] = verb.value;
  json["metadata"] = Json::parse(to_json(verb.metadata));
  return "update:json:" + json.dump();
}

std::string encode(const UpdateMeta& verb) {
  return "update:meta:" + verb.key.str() + at::encode(verb.metadata);
}

Result<Verb> decode_update(std::string_view rest) {
  static constexpr std::string_view kForm = "update[:<metadata>]:<key> <value>";
  if (take_flag(rest, "json")) return decode_json(rest.substr(rest.empty() ? 0 : 1));
  if (take_flag(rest, "meta")) return decode_meta(rest);
  const auto blank = rest.find(' ');
  if (blank == rest.npos) return want(kForm);
  const auto value = rest.substr(blank + 1);
  rest = rest.substr(0, blank);
  auto metadata = take_metadata(rest);
  if (!metadata) return fail(std::move(metadata).error());
  if (!take(rest, ":") || value.empty()) return want(kForm);
  auto key = Key::parse(rest);
  if (!key) return fail(std::move(key).error());
  if (!is_writable(*key)) return want("a key that clients may write");
  return Verb(Update{*std::move(metadata), *std::move(key), std::string(value)});
}

}  // namespace noports::at::codec
