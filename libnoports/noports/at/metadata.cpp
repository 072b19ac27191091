// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/metadata.hpp"

#include <nlohmann/json.hpp>
#include <variant>

#include "noports/at/pieces.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

using Number = std::optional<std::int64_t> Metadata::*;
using Flag = std::optional<bool> Metadata::*;
using Text = std::optional<std::string> Metadata::*;

struct Item {
  std::string_view name;      // as it is written
  std::string_view lowered;   // as it is matched
  std::string_view old_name;  // of peers of 2024, matched too; empty when it did not change
  std::variant<Number, Flag, Text> member;
};

// The one order of the reference's grammar (noports-newer.md 16.2), which is that of
// atprotocol-wire.md 3 with later items put in.
const Item kItems[] = {
    {"ttl", "ttl", "", &Metadata::ttl},
    {"ttb", "ttb", "", &Metadata::ttb},
    {"ttr", "ttr", "", &Metadata::ttr},
    {"ccd", "ccd", "", &Metadata::ccd},
    {"dataSignature", "datasignature", "", &Metadata::data_signature},
    {"sharedKeyStatus", "sharedkeystatus", "", &Metadata::shared_key_status},
    {"isBinary", "isbinary", "", &Metadata::is_binary},
    {"isEncrypted", "isencrypted", "", &Metadata::is_encrypted},
    {"sharedKeyEnc", "sharedkeyenc", "", &Metadata::shared_key_enc},
    {"pubKeyCS", "pubkeycs", "", &Metadata::pub_key_cs},
    {"pubKeyHash", "pubkeyhash", "hash", &Metadata::pub_key_hash},
    {"hashingAlgo", "hashingalgo", "algo", &Metadata::pub_key_hash_algo},
    {"encoding", "encoding", "", &Metadata::encoding},
    {"encKeyName", "enckeyname", "", &Metadata::enc_key_name},
    {"encAlgo", "encalgo", "", &Metadata::enc_algo},
    {"ivNonce", "ivnonce", "", &Metadata::iv_nonce},
    {"skeEncKeyName", "skeenckeyname", "", &Metadata::ske_enc_key_name},
    {"skeEncAlgo", "skeencalgo", "", &Metadata::ske_enc_algo},
    {"immutable", "immutable", "", &Metadata::immutable},
};

std::string text_of(std::int64_t number) { return std::to_string(number); }
std::string text_of(bool flag) { return flag ? "true" : "false"; }
std::string text_of(const std::string& text) { return text; }

// Only ttr has a negative meaning: -1, for ever.
bool set(Metadata& metadata, Number member, std::string_view value) {
  const auto number = parse_signed(value);
  const std::int64_t lowest = member == &Metadata::ttr ? -1 : 0;
  if (!number || *number < lowest || *number > kMaxNumber) return false;
  metadata.*member = *number;
  return true;
}

bool set(Metadata& metadata, Flag member, std::string_view value) {
  metadata.*member = parse_bool(value);
  return (metadata.*member).has_value();
}

bool set(Metadata& metadata, Text member, std::string_view value) {
  if (!is_token(value)) return false;
  metadata.*member = std::string(value);
  return true;
}

// Things that newer peers say and that mean nothing to us.
bool take_ignored(std::string_view& rest) {
  for (const std::string_view name : {"cat", "uat", "eat", "aat"}) {
    if (take_time_stamp(rest, name)) return true;
  }
  return take_option(rest, "appmetadata") || take_flag(rest, "nc");
}

// As the item that the text form would have; false for what is none.
Result<bool> take_member(const std::string& name, const nlohmann::json& value, Metadata& metadata) {
  const auto text = value.is_string() ? value.get<std::string>() : value.dump();
  const std::string item = ":" + name + ":" + text;
  std::string_view rest = item;
  const auto taken = take_item(rest, metadata);
  if (taken && *taken && !rest.empty()) {
    return fail(Errc::bad_syntax, "metadata: a member has a bad name or value");
  }
  return taken;
}

}  // namespace

std::string to_json(const Metadata& metadata) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& item : kItems) {
    const auto add = [&](auto member) {
      if (metadata.*member) json[std::string(item.name)] = *(metadata.*member);
    };
    std::visit(add, item.member);
  }
  if (metadata.pub_key_hash) {
    json["pubKeyHash"] = {{"hash", *metadata.pub_key_hash}};
    if (metadata.pub_key_hash_algo) json["pubKeyHash"]["algo"] = *metadata.pub_key_hash_algo;
    json.erase("hashingAlgo");
  }
  return json.dump();
}

Result<Metadata> metadata_from_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Errc::bad_syntax, "metadata: want a JSON object");
  Metadata metadata;
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (!value.is_object()) {
      if (const auto taken = take_member(name, value, metadata); !taken) return fail(taken.error());
      continue;
    }
    if (name != "pubKeyHash" && name != "publicKeyHash") continue;
    for (const auto& [part, hash] : value.items()) {
      if (part != "hash" && part != "algo" && part != "hashingAlgo") continue;
      const auto taken = take_member(part, hash, metadata);
      if (!taken) return fail(taken.error());
    }
  }
  return metadata;
}

std::string encode(const Metadata& metadata) {
  std::string text;
  for (const auto& item : kItems) {
    const auto append = [&](auto member) {
      if (!(metadata.*member)) return;
      text += ":";
      text += item.name;
      text += ":";
      text += text_of(*(metadata.*member));
    };
    std::visit(append, item.member);
  }
  return text;
}

Result<bool> take_item(std::string_view& rest, Metadata& metadata) {
  for (const auto& item : kItems) {
    auto value = take_option(rest, item.lowered);
    if (!value && !item.old_name.empty()) value = take_option(rest, item.old_name);
    if (!value) continue;
    const auto store = [&](auto member) {
      return !(metadata.*member) && set(metadata, member, *value);
    };
    if (std::visit(store, item.member)) return true;
    return fail(Errc::bad_syntax,
                "metadata: " + std::string(item.name) + " has a bad value or was said twice");
  }
  return take_ignored(rest);
}

Result<Metadata> take_metadata(std::string_view& rest) {
  Metadata metadata;
  for (;;) {
    const auto taken = take_item(rest, metadata);
    if (!taken) return fail(taken.error());
    if (!*taken) return metadata;
  }
}

}  // namespace noports::at
