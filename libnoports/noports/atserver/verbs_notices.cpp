// SPDX-License-Identifier: BSD-3-Clause
// Questions about notifications: notify:status, notify:fetch, notify:list, notify:remove
// (atprotocol-wire.md 3.13).
#include <chrono>
#include <limits>

#include "noports/at/answer.hpp"
#include "noports/atserver/access.hpp"
#include "noports/atserver/stored_note.hpp"
#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kPage = 256;                // rows read at once
constexpr std::size_t kLongestList = 10'000'000;  // bytes; clients take 10,240,000 (1.6)

std::int64_t milliseconds(std::chrono::sys_days day) {
  return std::chrono::milliseconds(day.time_since_epoch()).count();
}

// Of "notification: {...}\n".
std::string_view json_of(const std::string& line) {
  const auto start = line.find('{');
  if (start == line.npos) return {};
  return std::string_view(line).substr(start, line.size() - start - 1);
}

// Those with `from` < epoch <= `until` that `pattern` finds, from the oldest on, as long as they
// fit.
std::string list(Turn& turn, std::int64_t from, std::int64_t until, const Pattern& pattern) {
  std::string text;
  for (;;) {
    const auto page = turn.store.notifications.after(turn.account(), from, turn.moment.now, kPage);
    for (const auto& arrival : page) {
      if (arrival.epoch > until) return text;
      if (!pattern.found_in(arrival.key)) continue;
      if (!may_read(turn.state.grant, arrival.key)) continue;
      const auto json = json_of(*arrival.line);
      if (text.size() + json.size() > kLongestList) return text;
      if (!text.empty()) text += ',';
      text += json;
    }
    if (page.size() < kPage) return text;
    from = page.back().epoch;
  }
}

}  // namespace

Reply run(Turn& turn, const at::NotifyStatus& verb) {
  const auto stored = turn.store.notifications.find(turn.account(), verb.id);
  if (stored && !may_read(turn.state.grant, stored->key)) {
    return forbidden(turn, "notify", stored->key);
  }
  return Reply::data(stored ? std::string(status_text(*stored, turn.moment.now)) : "null");
}

Reply run(Turn& turn, const at::NotifyFetch& verb) {
  const auto stored = turn.store.notifications.find(turn.account(), verb.id);
  if (stored && !may_read(turn.state.grant, stored->key)) {
    return forbidden(turn, "fetch notify", stored->key);
  }
  return Reply::data(stored_note_json(turn.self(), verb.id, stored, turn.moment.now));
}

Reply run(Turn& turn, const at::NotifyList& verb) {
  if (!turn.state.is_owner) return Reply::data("null");
  if (verb.from && verb.until && *verb.from > *verb.until) {
    return Reply::refuse("AT0022", "notify:list: the first day is later than the last");
  }
  const auto pattern = Pattern::make(verb.regex);
  if (!pattern) {
    return Reply::refuse("AT0003",
                         "Invalid regular expression. " + verb.regex + " is not a valid regex");
  }
  const auto from = verb.from ? milliseconds(*verb.from) - 1 : -1;
  const auto until = verb.until ? milliseconds(*verb.until + std::chrono::days(1)) - 1
                                : std::numeric_limits<std::int64_t>::max();
  const auto text = list(turn, from, until, *pattern);
  return Reply::data(text.empty() ? "null" : "[" + text + "]");
}

Reply run(Turn& turn, const at::NotifyRemove& verb) {
  const auto stored = turn.store.notifications.find(turn.account(), verb.id);
  if (stored && !may_write(turn.state.grant, stored->key)) {
    return forbidden(turn, "notify", stored->key);
  }
  turn.store.notifications.remove(turn.account(), verb.id);
  return Reply::data("success");
}

}  // namespace noports::atserver
