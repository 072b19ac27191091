// SPDX-License-Identifier: BSD-3-Clause
// The JSON of a record, member by member in the order of the reference (atprotocol-wire.md 6.3).
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "noports/atserver/records.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void add(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}

void add_date(Json& json, const char* name, const std::optional<std::int64_t>& moment) {
  if (moment) json[name] = date_text(*moment);
}

Json meta(const Record& record) {
  Json json;
  // The owner is the only one who writes an atSign's records.
  if (const auto owner = record.key.rfind('@'); owner != record.key.npos) {
    json["createdBy"] = record.key.substr(owner);
    json["updatedBy"] = record.key.substr(owner);
  }
  json["createdAt"] = date_text(record.created);
  json["updatedAt"] = date_text(record.updated);
  add_date(json, "availableAt", record.available);
  add_date(json, "expiresAt", record.expires);
  add_date(json, "refreshAt", record.refresh);
  json["status"] = "active";
  json["version"] = record.version;
  const auto& said = record.metadata;
  add(json, "ttl", said.ttl);
  add(json, "ttb", said.ttb);
  add(json, "ttr", said.ttr);
  add(json, "ccd", said.ccd);
  json["isBinary"] = said.is_binary.value_or(false);
  json["isEncrypted"] = said.is_encrypted.value_or(false);
  add(json, "dataSignature", said.data_signature);
  add(json, "sharedKeyEnc", said.shared_key_enc);
  add(json, "pubKeyCS", said.pub_key_cs);
  if (said.pub_key_hash) {
    json["pubKeyHash"]["hash"] = *said.pub_key_hash;
    json["pubKeyHash"]["algo"] = said.pub_key_hash_algo.value_or("");
  }
  add(json, "encoding", said.encoding);
  add(json, "encKeyName", said.enc_key_name);
  add(json, "encAlgo", said.enc_algo);
  add(json, "ivNonce", said.iv_nonce);
  add(json, "skeEncKeyName", said.ske_enc_key_name);
  add(json, "skeEncAlgo", said.ske_enc_algo);
  add(json, "immutable", said.immutable);
  return json;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string date_text(std::int64_t milliseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds(milliseconds)};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss time(moment - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text;
}

std::string meta_json(const Record& record) { return text_of(meta(record)); }

std::string sync_meta_json(const Record& record) {
  auto json = meta(record);
  for (auto& member : json) {
    if (!member.is_string()) member = text_of(member);
  }
  return text_of(json);
}

std::string all_json(const Record& record, MemberOrder order) {
  Json json;
  if (order == MemberOrder::own) json["key"] = record.key;
  json["data"] = record.value;
  json["metaData"] = meta(record);
  if (order == MemberOrder::fetched) json["key"] = record.key;
  return text_of(json);
}

}  // namespace noports::atserver
