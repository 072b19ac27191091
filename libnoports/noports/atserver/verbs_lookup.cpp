// SPDX-License-Identifier: BSD-3-Clause
// Reading records: scan, llookup, lookup, plookup, and the cached copies of others' records
// (atprotocol-wire.md 3.6-3.9, 6.5).
#include "noports/atserver/access.hpp"
#include "noports/atserver/verbs.hpp"

namespace noports::atserver {
namespace {

// A record of this atServer's own; "null" before its birth and after its end.
Reply show_own(Turn& turn, const at::Key& key, at::Part part) {
  const std::string text = key.str();
  const auto record = turn.store.records.find(turn.account(), text);
  if (!record || is_internal(key)) return missing(text);
  if (!turn.state.is_owner) turn.store.visits[turn.account()].keys.note(text);
  if (!record->is_alive(turn.moment.now)) return Reply::data("null");
  return show(*record, part, MemberOrder::own);
}

template <class L>
at::Key key_of(const Turn& turn, const L& verb) {
  if constexpr (std::is_same_v<L, at::PublicLookup>) return at::Key::open(verb.name, verb.owner);
  return at::Key::shared(turn.self(), verb.name, verb.owner);
}

bool is_fresh(const Record& copy, std::int64_t now) {
  return copy.metadata.ttr == -1 || (copy.refresh && *copy.refresh >= now);
}

template <class L>
Reply lookup_elsewhere(Turn& turn, const L& verb) {
  if (!verb.bypass_cache) {
    auto copied = key_of(turn, verb);
    copied.cached = true;
    const auto copy = turn.store.records.find(turn.account(), copied.str());
    if (copy && copy->is_alive(turn.moment.now) && is_fresh(*copy, turn.moment.now)) {
      return show(*copy, verb.part, MemberOrder::own);
    }
  }
  const bool open = std::is_same_v<L, at::PublicLookup>;
  turn.outcome.ask = Ask{verb.owner, PeerFetch{verb.name, open}};
  return Reply::silent();
}

// Keeps what may be kept, for as long as the owner allows, and forgets what may not.
void keep_copy(Turn& turn, const std::string& key, const Record* fetched) {
  const auto known = turn.store.records.find(turn.account(), key);
  if (!fetched || fetched->metadata.ttr.value_or(0) == 0) {
    if (known) turn.store.records.erase(turn.account(), key);
    return;
  }
  Record copy = *fetched;
  copy.key = key;
  copy.created = known ? known->created : turn.moment.now;
  copy.updated = turn.moment.now;
  copy.version = known ? known->version + 1 : 0;
  copy.metadata.ttb.reset();
  set_lifetimes(copy);
  copy.expires = fetched->expires;  // the owner's, not counted anew
  turn.store.records.put(turn.account(), copy);
}

template <class L>
Reply finish_lookup(Turn& turn, const L& verb, const PeerAnswer& answer) {
  const auto key = key_of(turn, verb);
  const auto* fetched = std::get_if<Record>(&answer);
  const auto* refused = std::get_if<at::Refusal>(&answer);
  auto copied = key;
  copied.cached = true;
  const bool gone = refused && refused->code == "AT0015";
  if (fetched || gone) keep_copy(turn, copied.str(), fetched);
  if (fetched) return show(*fetched, verb.part, MemberOrder::fetched);
  return refused ? Reply::refuse(refused->code, refused->text) : missing(key.str());
}

// What the owner's own scan leaves out (3.6), on top of what is the server's alone.
bool is_hidden(std::string_view key, bool show_hidden) {
  if (key.starts_with("private:") || key.starts_with("privatekey:")) return true;
  if (key.starts_with("public:__") || key.starts_with("_")) return !show_hidden;
  return key.starts_with("public:_");
}

Reply scan_own(Turn& turn, const at::Scan& verb, const Pattern& pattern) {
  static constexpr std::string_view kPublic = "public:";
  std::vector<std::string> found;
  for (auto& key : turn.store.records.keys(turn.account(), turn.moment.now)) {
    if (is_internal(key) || !pattern.found_in(key)) continue;
    if (!may_read(turn.state.grant, key)) continue;
    if (turn.state.is_owner) {
      if (!is_hidden(key, verb.show_hidden)) found.push_back(std::move(key));
    } else if (key.starts_with(kPublic) && !key.starts_with("public:_")) {
      found.push_back(key.substr(kPublic.size()));
    }
  }
  return Reply::data(list_json(found));
}

}  // namespace

Reply show(const Record& record, at::Part part, MemberOrder order) {
  switch (part) {
    case at::Part::meta:
      return Reply::data(meta_json(record));
    case at::Part::all:
      return Reply::data(all_json(record, order));
    case at::Part::value:
      break;
  }
  return Reply::data(record.value);
}

Reply run(Turn& turn, const at::Scan& verb) {
  const auto pattern = Pattern::make(verb.regex);
  if (!pattern) {
    return Reply::refuse("AT0003",
                         "Invalid regular expression. " + verb.regex + " is not a valid regex");
  }
  const bool is_here = !verb.of || *verb.of == turn.self();
  if (turn.state.peer && is_here) {
    return answer_here(turn, PeerScan{verb.regex}, at::Part::value);
  }
  if (is_here) return scan_own(turn, verb, *pattern);
  if (!turn.state.is_owner) {
    return Reply::refuse("AT0401", "Scan to another atSign cannot be performed without auth");
  }
  turn.outcome.ask = Ask{*verb.of, PeerScan{verb.regex}};
  return Reply::silent();
}

Reply run(Turn& turn, const at::LocalLookup& verb) {
  if (!may_read(turn.state.grant, verb.key)) return forbidden(turn, "llookup", verb.key.str());
  return show_own(turn, verb.key, verb.part);
}

Reply run(Turn& turn, const at::Lookup& verb) {
  if (turn.state.peer) {
    if (verb.owner == turn.self()) return answer_here(turn, PeerFetch{verb.name}, verb.part);
    return missing(at::Key::shared(*turn.state.peer, verb.name, verb.owner).str());
  }
  if (!turn.state.is_owner) {
    // Names that begin with '_' are found too: only scans hide them.
    return show_own(turn, at::Key::open(verb.name, turn.self()), verb.part);
  }
  const auto key = at::Key::shared(turn.self(), verb.name, verb.owner);
  if (!may_read(turn.state.grant, key)) return forbidden(turn, "lookup", key.str());
  if (verb.owner == turn.self()) return show_own(turn, key, verb.part);
  return lookup_elsewhere(turn, verb);
}

Reply run(Turn& turn, const at::PublicLookup& verb) {
  if (verb.owner == turn.self()) {
    return show_own(turn, at::Key::open(verb.name, turn.self()), verb.part);
  }
  if (turn.state.peer) return missing(at::Key::open(verb.name, verb.owner).str());
  return lookup_elsewhere(turn, verb);
}

Reply resume(Turn& turn, const at::Verb& verb, const PeerAnswer& answer) {
  if (std::holds_alternative<at::Pol>(verb)) return finish_pol(turn, answer);
  if (const auto* lookup = std::get_if<at::Lookup>(&verb)) {
    return finish_lookup(turn, *lookup, answer);
  }
  if (const auto* lookup = std::get_if<at::PublicLookup>(&verb)) {
    return finish_lookup(turn, *lookup, answer);
  }
  if (const auto* keys = std::get_if<std::vector<std::string>>(&answer)) {
    auto shown = *keys;
    // What another shares with this atSign is not for each of its enrolments either.
    std::erase_if(shown, [&](const std::string& key) {
      return !may_read(turn.state.grant, turn.self().str() + ":" + key);
    });
    return Reply::data(list_json(shown));
  }
  const auto* refused = std::get_if<at::Refusal>(&answer);
  return refused ? Reply::refuse(refused->code, refused->text)
                 : Reply::refuse("AT0001", "the other atServer gave no answer that fits");
}

}  // namespace noports::atserver
