// SPDX-License-Identifier: BSD-3-Clause
// Figures about the atServer, by their numbers (atprotocol-wire.md 3.17).
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "noports/atserver/verbs.hpp"
#include "noports/base/version.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostFrequent = 5;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string top(const Frequencies& frequencies) {
  Json json = Json::object();
  for (const auto& [name, count] : frequencies.top(kMostFrequent)) json[name] = count;
  return text_of(json);
}

std::string date_or_nothing(const std::optional<std::int64_t>& moment) {
  return moment ? date_text(*moment) : "Not Available";
}

// {"size":"1.20","units":"MB"}
std::string size_text(std::int64_t bytes) {
  static constexpr std::array<const char*, 4> kUnits = {"Bytes", "KB", "MB", "GB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", size);
  return text_of(Json{{"size", text}, {"units", kUnits[unit]}});
}

std::string notification_count(Turn& turn) {
  std::int64_t total = 0;
  Json type{{"sent", 0}, {"received", 0}, {"self", 0}};
  Json status{{"delivered", 0}, {"expired", 0}, {"errored", 0}, {"queued", 0}};
  Json operations{{"update", 0}, {"delete", 0}};
  Json kind{{"key", 0}, {"text", 0}};
  const auto add = [](Json& group, const std::string& name, std::int64_t count) {
    if (group.contains(name)) group[name] = group[name].get<std::int64_t>() + count;
  };
  static constexpr std::array<const char*, 3> kStatus = {"queued", "delivered", "errored"};
  for (const auto& one :
       turn.store.notifications.counts(turn.account(), turn.self(), turn.moment.now)) {
    total += one.count;
    add(type, one.is_own ? "self" : one.is_sent ? "sent" : "received", one.count);
    add(status, one.has_expired ? "expired" : kStatus.at(static_cast<std::size_t>(one.status)),
        one.count);
    const auto colon = one.what.find(':');
    add(operations, one.what.substr(0, colon), one.count);
    if (colon != one.what.npos) add(kind, one.what.substr(colon + 1), one.count);
  }
  Json json;
  json["total"] = total;
  json["type"] = std::move(type);
  json["status"] = std::move(status);
  json["operations"] = std::move(operations);
  json["messageType"] = std::move(kind);
  json["createdOn"] = turn.moment.now;
  return text_of(json);
}

Json value_of(Turn& turn, std::uint8_t id, const at::Stats& verb, const Pattern& pattern) {
  const auto& vitals = turn.moment.vitals;
  const auto& visits = turn.store.visits[turn.account()];
  switch (id) {
    case 1:
      return std::to_string(vitals.inbound);
    case 2:
      return std::to_string(vitals.outbound);
    case 3:
      return last_commit(turn, verb.regex, pattern);
    case 4:
      return turn.store.records.size(turn.account());
    case 5:
      return top(visits.atsigns);
    case 6:
      return top(visits.keys);
    case 7:
      return std::string(version());
    case 8:
      return date_or_nothing(visits.login);
    case 9:
      return size_text(turn.store.records.size(turn.account()) +
                       turn.store.notifications.size(turn.account()));
    case 10:
      return date_or_nothing(visits.pkam);
    case 11:
      return notification_count(turn);
    case 15:
      return latest_of_each(turn, pattern);
    default:
      return nullptr;  // 12-14: nothing is compacted here
  }
}

}  // namespace

Reply run(Turn& turn, const at::Stats& verb) {
  static constexpr std::array<const char*, at::Stats::kHighest> kNames = {
      "activeInboundConnections",
      "activeOutboundConnections",
      "lastCommitID",
      "secondaryStorageSize",
      "topAtSigns",
      "topKeys",
      "secondaryServerVersion",
      "LastLoggedInDatetime",
      "diskSize",
      "LastPkam",
      "NotificationCount",
      "CommitLogCompactionStats",
      "AccessLogCompactionStats",
      "NotificationCompactionStats",
      "LatestCommitEntryOfEachKey"};
  const auto pattern = Pattern::make(verb.regex);
  if (!pattern) {
    return Reply::refuse("AT0003",
                         "Invalid regular expression. " + verb.regex + " is not a valid regex");
  }
  auto ids = verb.ids;
  for (std::uint8_t id = 1; verb.ids.empty() && id <= at::Stats::kHighest; ++id) ids.push_back(id);
  std::string text = " [";  // the blank belongs to the answer (11.2)
  for (const auto id : ids) {
    if (id == 0) return Reply::refuse_shape3("null", "stats: there is no figure 0");
    Json json;
    json["id"] = std::to_string(id);
    json["name"] = kNames.at(id - 1u);
    json["value"] = value_of(turn, id, verb, *pattern);
    if (text.size() > 2) text += ", ";
    text += text_of(json);
  }
  return Reply::data(text + "]");
}

}  // namespace noports::atserver
