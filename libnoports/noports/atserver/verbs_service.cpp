// SPDX-License-Identifier: BSD-3-Clause
// The atServer about itself, and commands in one line: batch, info, config
// (atprotocol-wire.md 3.18-3.20).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/atserver/reach.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/version.hpp"

namespace noports::atserver {
namespace {

using Json = nlohmann::ordered_json;

// Clients send 5 at a time; each is a write to the store, and nobody else is served meanwhile.
constexpr std::size_t kMostItems = 256;
// An atSign has 55 characters at most; the list is read with every notification.
constexpr std::size_t kMostListed = 1000;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a batch is for: changes that were made while the server could not be reached.
bool is_change(const at::Verb& verb) {
  return std::holds_alternative<at::Update>(verb) || std::holds_alternative<at::UpdateMeta>(verb) ||
         std::holds_alternative<at::Delete>(verb);
}

Json response(const Reply& reply) {
  Json json;
  if (reply.kind == Reply::Kind::data) {
    json["data"] = reply.text;
  } else {
    json["error_code"] = reply.code;
    json["error_message"] = at::table_text(reply.code);
  }
  return json;
}

Reply run_item(Turn& turn, const std::string& command, std::size_t number) {
  const auto verb = at::decode(command);
  if (!verb || !is_change(*verb)) return Reply::refuse("AT0003", "no change of a record");
  Moment moment = turn.moment;
  // Each item may become a notification, and these have ids of their own.
  moment.uuid += "-" + std::to_string(number);
  Outcome outcome;
  Turn item{turn.state, turn.store, moment, outcome};
  auto reply = dispatch(item, *verb);
  for (auto& one : outcome.deliveries) turn.outcome.deliveries.push_back(std::move(one));
  return reply;
}

// "2 days 3 hours 1 minutes 7 seconds", from the first that is not 0
std::string in_words(std::int64_t milliseconds) {
  struct Unit {
    std::int64_t length;
    const char* name;
  };
  static constexpr Unit kUnits[] = {
      {86'400'000, " days "}, {3'600'000, " hours "}, {60'000, " minutes "}};
  std::string words;
  for (const auto& unit : kUnits) {
    const auto count = milliseconds / unit.length;
    milliseconds %= unit.length;
    if (count > 0 || !words.empty()) words += std::to_string(count) + unit.name;
  }
  return words + std::to_string(milliseconds / 1000) + " seconds";
}

Reply show_list(const std::vector<std::string>& list) {
  return Reply::data(list.empty() ? "null" : list_json(list));
}

}  // namespace

Reply run(Turn& turn, const at::Batch& verb) {
  if (verb.items.size() > kMostItems) {
    return Reply::refuse("AT0022", "batch: more than 256 commands");
  }
  auto answers = Json::array();
  for (std::size_t i = 0; i < verb.items.size(); ++i) {
    Json answer;
    answer["id"] = verb.items[i].id;
    answer["response"] = response(run_item(turn, verb.items[i].command, i));
    answers.push_back(std::move(answer));
  }
  return Reply::data(text_of(answers));
}

Reply run(Turn& turn, const at::Info& verb) {
  const auto uptime = std::max<std::int64_t>(0, turn.moment.now - turn.moment.vitals.started);
  Json json;
  json["version"] = std::string(version());
  // Our versions count otherwise than the reference's, by which an approver would tell whether the
  // IVs of an approval are kept (keys-and-enrollment.md 4.9).
  json["enrollmentIvs"] = true;
  if (verb.brief) {
    json["uptimeAsMillis"] = uptime;
    return Reply::data(text_of(json));
  }
  json["uptimeAsWords"] = in_words(uptime);
  if (turn.state.enrollment) {
    const auto key = *turn.state.enrollment + ".new.enrollments.__manage" + turn.self().str();
    if (const auto record = turn.store.records.find(turn.account(), key)) {
      json["apkam_metadata"] = Json::parse(record->value, nullptr, /*allow_exceptions=*/false);
    }
  }
  return Reply::data(text_of(json));
}

Reply run(Turn& turn, const at::Config& verb) {
  using Action = at::Config::Action;
  if (turn.state.grant && !turn.state.grant->manages()) {
    return Reply::refuse("AT0009", "config is for enrollments that manage others");
  }
  if (verb.action == Action::setting) return Reply::data("testing mode disabled by default");
  auto list = reach_list(turn.store.records, turn.state.account, verb.list);
  if (verb.action == Action::show) return show_list(list);
  for (const auto& atsign : verb.atsigns) {
    const auto text = atsign.str();
    if (atsign == turn.self()) {
      return Reply::refuse("AT0022", "config: " + text + " is never kept out");
    }
    const auto known = std::find(list.begin(), list.end(), text);
    if (verb.action == Action::remove && known != list.end()) list.erase(known);
    if (verb.action == Action::add && known == list.end()) list.push_back(text);
  }
  if (list.size() > kMostListed) {
    return Reply::refuse("AT0022", "config: more than 1000 atSigns in a list");
  }
  set_reach_list(turn.store.records, turn.state.account, verb.list, list, turn.moment.now);
  return Reply::data("success");
}

}  // namespace noports::atserver
