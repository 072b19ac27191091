// SPDX-License-Identifier: BSD-3-Clause
// Commands about the atServer and about other commands: batch, config
// (atprotocol-wire.md 3.18, 3.19).
#include <nlohmann/json.hpp>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kConfigForm =
    "config:<block|allow>:<add|remove>:@x[ @y] or config:<block|allow>:show";

std::optional<Batch::Item> item_in(const Json& json) {
  if (!json.is_object() || !json.contains("id") || !json.contains("command")) return std::nullopt;
  const auto& id = json["id"];
  const auto& command = json["command"];
  if (!id.is_number_integer() || !command.is_string()) return std::nullopt;
  return Batch::Item{id.get<std::int64_t>(), command.get<std::string>()};
}

Result<Verb> decode_list(Config config, std::string_view rest) {
  if (take_flag(rest, "show")) {
    if (!rest.empty()) return want(kConfigForm);
    return Verb(std::move(config));
  }
  config.action = take_flag(rest, "add") ? Config::Action::add : Config::Action::remove;
  if (config.action == Config::Action::remove && !take_flag(rest, "remove")) {
    return want(kConfigForm);
  }
  if (!take(rest, ":")) return want(kConfigForm);
  for (const auto word : split(rest, ' ')) {
    if (!word.starts_with('@')) return want(kConfigForm);
    auto atsign = Atsign::parse(word);
    if (!atsign) return fail(std::move(atsign).error());
    config.atsigns.push_back(*std::move(atsign));
  }
  return Verb(std::move(config));
}

}  // namespace

std::string encode(const Batch& verb) {
  auto json = Json::array();
  for (const auto& item : verb.items) json.push_back({{"id", item.id}, {"command", item.command}});
  return "batch:" + json.dump();
}

std::string encode(const Config& verb) {
  if (verb.action == Config::Action::setting) return "config:" + verb.setting;
  std::string line = verb.list == Config::List::block ? "config:block:" : "config:allow:";
  if (verb.action == Config::Action::show) return line + "show";
  line += verb.action == Config::Action::add ? "add" : "remove";
  for (const auto& atsign : verb.atsigns) {
    line += (&atsign == &verb.atsigns.front() ? ":" : " ") + atsign.str();
  }
  return line;
}

Result<Verb> decode_batch(std::string_view rest) {
  static constexpr std::string_view kForm = R"(batch:[{"id":<number>,"command":<text>},...])";
  if (!take(rest, ":") || !is_shallow_json(rest)) return want(kForm);
  const auto json = Json::parse(rest, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return want(kForm);
  Batch batch;
  for (const auto& one : json) {
    auto item = item_in(one);
    if (!item) return want(kForm);
    batch.items.push_back(*std::move(item));
  }
  return Verb(std::move(batch));
}

Result<Verb> decode_config(std::string_view rest) {
  Config config;
  if (take_flag(rest, "block")) return decode_list(std::move(config), rest);
  config.list = Config::List::allow;
  if (take_flag(rest, "allow")) return decode_list(std::move(config), rest);
  config.list = Config::List::block;
  config.action = Config::Action::setting;
  auto word = rest;
  if (!take_option(word, "set") && !take_option(word, "reset") && !take_option(word, "print")) {
    return want(kConfigForm);
  }
  config.setting = rest.substr(1);
  return Verb(std::move(config));
}

}  // namespace noports::at::codec
