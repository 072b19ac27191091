// SPDX-License-Identifier: BSD-3-Clause
// The commit log for clients that keep a copy of their atSign's records: sync, and the figures that
// tell them when to (atprotocol-wire.md 3.16, 3.17, 6.6); the other figures are in verbs_stats.
#include <nlohmann/json.hpp>

#include "noports/atserver/access.hpp"
#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

// A page of the reference (3.16).
constexpr std::size_t kPageEntries = 25;
constexpr std::size_t kPageBytes = 5'242'880;
constexpr std::size_t kBatch = 256;  // changes read at once; bounds what a filter keeps in memory

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Reply bad_regex(const std::string& regex) {
  return Reply::refuse("AT0003", "Invalid regular expression. " + regex + " is not a valid regex");
}

// Keys that a client needs whatever it asked for: those of its conversations, and public ones
// without a namespace (3.16).
bool is_always_synced(std::string_view key) {
  const auto name = key.substr(0, key.rfind('@'));
  if (key.starts_with("public:")) {
    return key.starts_with("public:publickey") || name.find('.') == name.npos;
  }
  return key.starts_with("shared_key.") || name.ends_with(":shared_key");
}

bool is_shown(const Turn& turn, std::string_view key, const Pattern& pattern) {
  return !is_internal(key) && may_read(turn.state.grant, key) &&
         (is_always_synced(key) || pattern.found_in(key));
}

// Calls `take` with each change after `from` that the client may see; it returns false to stop.
template <class Take>
void each_change(Turn& turn, std::int64_t from, const Pattern& pattern, Take take) {
  for (;;) {
    const auto changes = turn.store.records.changes(turn.account(), from, kBatch);
    for (const auto& change : changes) {
      if (is_shown(turn, change.key, pattern) && !take(change)) return;
    }
    if (changes.size() < kBatch) return;
    from = changes.back().id;
  }
}

std::string entry(Turn& turn, const Change& change) {
  Json json;
  json["atKey"] = change.key;
  const auto record = turn.store.records.find(turn.account(), change.key);
  json["value"] = nullptr;
  json["metadata"] = nullptr;
  // What has expired is gone, whether it was swept up already or not. What is not born yet is told,
  // with its availableAt: nothing will be committed at its birth.
  const bool expired = record && record->expires && *record->expires <= turn.moment.now;
  const bool there = record && !expired && change.operation != "-";
  if (there) {
    json["value"] = record->value;
    json["metadata"] = Json::parse(sync_meta_json(*record));
  }
  json["commitId"] = change.id;
  json["operation"] = there ? change.operation : "-";
  return text_of(json);
}

}  // namespace

std::string last_commit(Turn& turn, const std::string& regex, const Pattern& pattern) {
  std::int64_t last = -1;
  // An enrolment that waited for a change which it never sees would ask for ever.
  if (regex.empty() && !turn.state.grant) {
    last = turn.store.records.last_commit(turn.account());
  } else {
    each_change(turn, -1, pattern, [&](const Change& change) {
      last = change.id;
      return true;
    });
  }
  return last < 0 ? "null" : std::to_string(last);
}

std::string latest_of_each(Turn& turn, const Pattern& pattern) {
  Json json = Json::object();
  each_change(turn, -1, pattern, [&](const Change& change) {
    json[change.key] = Json::array({change.id, change.operation});
    return true;
  });
  return text_of(json);
}

Reply run(Turn& turn, const at::Sync& verb) {
  const auto pattern = Pattern::make(verb.regex);
  if (!pattern) return bad_regex(verb.regex);
  std::string page;
  std::size_t entries = 0;
  each_change(turn, verb.from, *pattern, [&](const Change& change) {
    const auto text = entry(turn, change);
    if (entries > 0 && page.size() + text.size() > kPageBytes) return false;
    if (entries > 0) page += ',';
    page += text;
    return ++entries < kPageEntries;
  });
  return Reply::data("[" + page + "]");
}

}  // namespace noports::atserver
