// SPDX-License-Identifier: BSD-3-Clause
// Messages: notify, notify:all and monitor.
#include <algorithm>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

constexpr std::string_view kForm =
    "notify[:id:<id>][:update|:delete][:<option>:<value>...]:@<to>:<name>[@<owner>][:<value>]";

constexpr std::string_view kAllForm =
    "notify:all[:update|:delete][:<option>:<value>...]:@<to>,@<to>...:<name>[@<owner>][:<value>]";

// What stands in front of the recipient.
struct Options {
  std::optional<std::string> id, priority, strategy, notifier;
  std::optional<Operation> operation;
  std::optional<bool> is_text;
  std::optional<std::uint64_t> latest_n;
  std::optional<std::int64_t> ttln;
  Metadata metadata;
};

// False when there is no value or the option was said before.
template <class T>
bool once(std::optional<T>& slot, std::optional<T> value) {
  if (slot || !value) return false;
  slot = std::move(value);
  return true;
}

std::optional<std::string> one_of(std::string_view text,
                                  std::initializer_list<std::string_view> words) {
  const auto lowered = lower(text);
  for (const auto word : words) {
    if (lowered == word) return lowered;
  }
  return std::nullopt;
}

std::optional<bool> parse_message_type(std::string_view text) {
  const auto type = one_of(text, {"key", "text"});
  if (!type) return std::nullopt;
  return *type == "text";
}

std::optional<std::int64_t> parse_number_in_range(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number > static_cast<std::uint64_t>(kMaxNumber)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<std::string> text_if(bool good, std::string_view text) {
  if (!good) return std::nullopt;
  return std::string(text);
}

struct Option {
  std::string_view name;
  bool (*set)(Options& options, std::string_view value);
};

constexpr Option kOptions[] = {
    {"id", [](Options& o, std::string_view v) { return once(o.id, text_if(is_id(v), v)); }},
    {"messagetype",
     [](Options& o, std::string_view v) { return once(o.is_text, parse_message_type(v)); }},
    // The C library's spelling.
    {"message_type",
     [](Options& o, std::string_view v) { return once(o.is_text, parse_message_type(v)); }},
    {"priority",
     [](Options& o, std::string_view v) {
       return once(o.priority, one_of(v, {"low", "medium", "high"}));
     }},
    {"strategy",
     [](Options& o, std::string_view v) {
       return once(o.strategy, one_of(v, {"all", "latest"}));
     }},
    {"latestn", [](Options& o, std::string_view v) { return once(o.latest_n, parse_number(v)); }},
    {"notifier",
     [](Options& o, std::string_view v) { return once(o.notifier, text_if(!v.empty(), v)); }},
    {"ttln", [](Options& o, std::string_view v) { return once(o.ttln, parse_number_in_range(v)); }},
};

// One option, operation or metadata item; false when there is none.
Result<bool> take_one(std::string_view& rest, Options& options) {
  for (const auto& option : kOptions) {
    const auto value = take_option(rest, option.name);
    if (!value) continue;
    const bool blank = value->find_first_of(" \t\r\v\f") != value->npos;
    if (!blank && option.set(options, *value)) return true;
    return fail(Errc::bad_syntax, std::string(option.name) + " has a bad value or was said twice");
  }
  std::optional<Operation> operation;
  if (take_flag(rest, "update"))
    operation = Operation::update;
  else if (take_flag(rest, "delete"))
    operation = Operation::remove;
  if (!operation) return take_item(rest, options.metadata);
  if (!once(options.operation, operation)) return want("one operation");
  return true;
}

// "<name>[@<owner>][:<value>]", or the message of a text.
Result<void> take_subject(std::string_view rest, Notify& notify) {
  if (notify.is_text) {
    if (rest.empty()) return want(kForm);
    notify.value = std::string(rest);
    return {};
  }
  notify.is_public = take_word(rest, "public:");
  const auto written = rest.substr(0, rest.find_first_of(":@"));
  auto name = KeyName::parse(written);
  if (!name) return fail(std::move(name).error());
  notify.name = *std::move(name);
  rest.remove_prefix(written.size());
  if (rest.starts_with('@')) {
    const auto sender = rest.substr(0, rest.find(':'));
    auto owner = Atsign::parse(sender);
    if (!owner) return fail(std::move(owner).error());
    notify.owner = *std::move(owner);
    rest.remove_prefix(sender.size());
  }
  if (rest.empty()) return {};
  rest.remove_prefix(1);  // the ':'
  if (rest.empty()) return want("a value behind the last ':'");
  notify.value = std::string(rest);
  return {};
}

void append(std::string& line, std::string_view name, const std::optional<std::string>& value) {
  if (value) line += ":" + std::string(name) + ":" + *value;
}

// What stands behind the recipients.
std::string subject(const Notify& verb) {
  std::string text;
  if (!verb.is_text) {
    text += verb.is_public ? ":public:" : ":";
    if (verb.name) text += verb.name->str();
    if (verb.owner) text += verb.owner->str();
  }
  if (verb.value) text += ":" + *verb.value;
  return text;
}

// ":public:..." and no recipient in front
bool is_open_subject(std::string_view rest) { return take_word(rest, ":public:"); }

Notify without_recipient(Options options) {
  return Notify{.id = std::move(options.id),
                .operation = options.operation.value_or(Operation::update),
                .is_text = options.is_text.value_or(false),
                .priority = std::move(options.priority),
                .strategy = std::move(options.strategy),
                .notifier = std::move(options.notifier),
                .latest_n = options.latest_n,
                .ttln = options.ttln,
                .metadata = std::move(options.metadata),
                .to = std::nullopt,
                .name = std::nullopt,
                .owner = std::nullopt,
                .value = std::nullopt};
}

Result<Verb> to_all(Notify what, std::string_view recipients) {
  NotifyAll all{std::move(what), {}};
  for (const auto one : split(recipients, ',')) {
    auto to = Atsign::parse(one);
    if (!to || !one.starts_with('@')) return want(kAllForm);
    if (std::find(all.to.begin(), all.to.end(), *to) == all.to.end()) {
      all.to.push_back(*std::move(to));
    }
  }
  return Verb(std::move(all));
}

}  // namespace

// The order of atprotocol-wire.md 3.12 and 4.2. The operation and the type are always said: one
// server does not believe another's silence.
std::string encode(const Notify& verb) {
  std::string line = "notify";
  append(line, "id", verb.id);
  line += verb.operation == Operation::update ? ":update" : ":delete";
  line += verb.is_text ? ":messageType:text" : ":messageType:key";
  append(line, "priority", verb.priority);
  append(line, "strategy", verb.strategy);
  if (verb.latest_n) line += ":latestN:" + std::to_string(*verb.latest_n);
  append(line, "notifier", verb.notifier);
  if (verb.ttln) line += ":ttln:" + std::to_string(*verb.ttln);
  line += at::encode(verb.metadata);
  if (verb.to) line += ":" + verb.to->str();
  return line + subject(verb);
}

std::string encode(const NotifyAll& verb) {
  std::string line = "notify:all";
  line += verb.what.operation == Operation::update ? ":update" : ":delete";
  line += verb.what.is_text ? ":messageType:text" : ":messageType:key";
  line += at::encode(verb.what.metadata);
  char separator = ':';
  for (const auto& to : verb.to) {
    line += separator + to.str();
    separator = ',';
  }
  return line + subject(verb.what);
}

std::string encode(const Monitor& verb) {
  std::string line = "monitor";
  // "strict" is parsed and means nothing; see needs_option.
  if (!verb.self_notifications && !verb.since && needs_option(verb.regex)) line += ":strict";
  if (verb.self_notifications) line += ":selfNotifications";
  if (verb.since) line += ":" + std::to_string(*verb.since);
  if (!verb.regex.empty()) line += " " + verb.regex;
  return line;
}

Result<Verb> decode_notify(std::string_view rest) {
  if (auto notices = decode_notices(rest)) return *std::move(notices);
  const bool all = take_flag(rest, "all");
  Options options;
  for (;;) {
    const auto taken = take_one(rest, options);
    if (!taken) return fail(taken.error());
    if (!*taken) break;
  }
  if (all && (options.id || options.priority || options.strategy || options.notifier ||
              options.latest_n || options.ttln)) {
    return want(kAllForm);
  }
  std::string_view recipients;
  if (rest.starts_with(":@")) {
    recipients = rest.substr(1, rest.find(':', 1) - 1);
    rest.remove_prefix(1 + recipients.size());
  } else if (all || options.is_text.value_or(false) || !is_open_subject(rest)) {
    return want(all ? kAllForm : kForm);
  }
  if (!take(rest, ":")) return want(all ? kAllForm : kForm);
  Notify notify = without_recipient(std::move(options));
  auto taken = take_subject(rest, notify);
  if (!taken) return fail(std::move(taken).error());
  if (all) return to_all(std::move(notify), recipients);
  if (!recipients.empty()) {
    auto to = Atsign::parse(recipients);
    if (!to) return fail(std::move(to).error());
    notify.to = *std::move(to);
  }
  return Verb(std::move(notify));
}

Result<Verb> decode_monitor(std::string_view rest) {
  static constexpr std::string_view kMonitor =
      "monitor[:strict][:selfNotifications][:multiplexed][:<epoch ms>][ <regex>]";
  auto head = split_regex(rest);
  auto options = head.options;
  Monitor monitor;
  while (!options.empty()) {
    if (take_flag(options, "strict") || take_flag(options, "multiplexed")) continue;
    if (take_flag(options, "selfnotifications")) {
      monitor.self_notifications = true;
      continue;
    }
    if (!take(options, ":")) return want(kMonitor);
    const auto text = options.substr(0, options.find(':'));
    options.remove_prefix(text.size());
    if (!once(monitor.since, parse_number_in_range(text))) return want(kMonitor);
  }
  monitor.regex = std::move(head.regex);
  return Verb(std::move(monitor));
}

}  // namespace noports::at::codec
