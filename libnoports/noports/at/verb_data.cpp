// SPDX-License-Identifier: BSD-3-Clause
// Records: scan, llookup, lookup, plookup, delete.
#include <algorithm>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

std::string_view prefix(Part part) {
  switch (part) {
    case Part::meta:
      return "meta:";
    case Part::all:
      return "all:";
    case Part::value:
      break;
  }
  return "";
}

Part take_part(std::string_view& rest) {
  if (take_word(rest, "meta:")) return Part::meta;
  if (take_word(rest, "all:")) return Part::all;
  return Part::value;
}

// lookup and plookup are the same but for their word.
template <class L>
std::string encode_remote(std::string line, const L& verb) {
  if (verb.bypass_cache) line += "bypassCache:true:";
  line += prefix(verb.part);
  return line + verb.name.str() + verb.owner.str();
}

template <class L>
Result<Verb> decode_remote(std::string_view rest, std::string_view form) {
  bool bypass_cache = false;
  if (const auto text = take_option(rest, "bypasscache")) {
    const auto flag = parse_bool(*text);
    if (!flag) return want(form);
    bypass_cache = *flag;
  }
  if (!take(rest, ":")) return want(form);
  const auto part = take_part(rest);
  const auto at = rest.rfind('@');
  if (at == rest.npos) return want(form);
  auto name = KeyName::parse(rest.substr(0, at));
  if (!name) return fail(std::move(name).error());
  auto owner = Atsign::parse(rest.substr(at));
  if (!owner) return fail(std::move(owner).error());
  return Verb(L{bypass_cache, part, *std::move(name), *std::move(owner)});
}

}  // namespace

bool may_name(const Key& key, std::string_view privatekey) {
  if (key.scope == Key::Scope::internal) return false;
  return key.scope != Key::Scope::privatekey || key.name.str() == privatekey;
}

Head split_regex(std::string_view rest) {
  const auto blank = rest.find(' ');
  if (blank == rest.npos) return Head{rest, ""};
  const auto regex = rest.substr(blank + 1);
  const bool whole = rest.find(':') != rest.npos;
  return Head{rest.substr(0, blank), whole ? std::string(regex) : lower(regex)};
}

bool needs_option(std::string_view regex) {
  return regex.find(':') != regex.npos || lower(regex) != regex;
}

std::string encode(const Scan& verb) {
  std::string line = "scan";
  if (verb.show_hidden) line += ":showHidden:true";
  if (!verb.show_hidden && !verb.of && needs_option(verb.regex)) line += ":showHidden:false";
  if (verb.of) line += ":" + verb.of->str();
  if (!verb.regex.empty()) line += " " + verb.regex;
  return line;
}

std::string encode(const LocalLookup& verb) {
  return "llookup:" + std::string(prefix(verb.part)) + verb.key.str();
}

std::string encode(const Lookup& verb) { return encode_remote("lookup:", verb); }
std::string encode(const PublicLookup& verb) { return encode_remote("plookup:", verb); }

std::string encode(const Delete& verb) {
  return std::string(verb.force ? "delete:force:" : "delete:") + verb.key.str();
}

Result<Verb> decode_scan(std::string_view rest) {
  static constexpr std::string_view kForm =
      "scan[:showHidden:<bool>][:@atSign][:page:<number>][ <regex>]";
  auto head = split_regex(rest);
  Scan scan;
  if (const auto text = take_option(head.options, "showhidden")) {
    const auto flag = parse_bool(*text);
    if (!flag) return want(kForm);
    scan.show_hidden = *flag;
  }
  take_flag(head.options, "cl");  // newer servers also list commit ids
  if (head.options.starts_with(":@")) {
    head.options.remove_prefix(1);
    const auto written = head.options.substr(0, head.options.find(':'));
    auto of = Atsign::parse(written);
    if (!of) return fail(std::move(of).error());
    scan.of = *std::move(of);
    head.options.remove_prefix(written.size());
  }
  if (const auto page = take_option(head.options, "page"); page && !parse_number(*page)) {
    return want(kForm);
  }
  scan.regex = trim(head.regex);
  if (!head.options.empty() || scan.regex.find_first_of(" \t\r\v\f") != scan.regex.npos) {
    return want(kForm);
  }
  return Verb(std::move(scan));
}

Result<Verb> decode_local_lookup(std::string_view rest) {
  if (!take(rest, ":")) return want("llookup:[meta:|all:]<key>");
  const auto part = take_part(rest);
  auto key = Key::parse(rest);
  if (!key) return fail(std::move(key).error());
  if (!may_name(*key, "")) return want("a key that clients may read");
  return Verb(LocalLookup{part, *std::move(key)});
}

Result<Verb> decode_lookup(std::string_view rest) {
  return decode_remote<Lookup>(rest, "lookup:[bypassCache:<bool>:][meta:|all:]<name>@<owner>");
}

Result<Verb> decode_public_lookup(std::string_view rest) {
  return decode_remote<PublicLookup>(rest,
                                     "plookup:[bypassCache:<bool>:][meta:|all:]<name>@<owner>");
}

Result<Verb> decode_delete(std::string_view rest) {
  static constexpr std::string_view kPriorities[] = {"low", "medium", "high"};
  static constexpr std::string_view kForm = "delete[:force][:priority:<priority>]:<key>";
  bool force = take_flag(rest, "force");
  if (const auto text = take_option(rest, "priority")) {
    if (std::count(std::begin(kPriorities), std::end(kPriorities), lower(*text)) == 0) {
      return want(kForm);
    }
  }
  take_time_stamp(rest, "dat");  // of newer clients; the server has a clock of its own
  if (!force) force = take_flag(rest, "force");
  if (!take(rest, ":")) return want(kForm);
  auto key = Key::parse(rest);
  if (!key) return fail(std::move(key).error());
  if (!may_name(*key, "at_secret")) return want("a key that clients may delete");
  return Verb(Delete{*std::move(key), force});
}

}  // namespace noports::at::codec
