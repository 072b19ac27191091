// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/verb.hpp"

#include <algorithm>
#include <stdexcept>

#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

struct Entry {
  std::string_view word;
  Result<Verb> (*decode)(std::string_view rest);
};

constexpr Entry kVerbs[] = {
    {"batch", codec::decode_batch},
    {"config", codec::decode_config},
    {"@exit", codec::decode_exit},
    {"cram", codec::decode_cram},
    {"delete", codec::decode_delete},
    {"enroll", codec::decode_enroll},
    {"from", codec::decode_from},
    {"info", codec::decode_info},
    {"keys", codec::decode_keys},
    {"llookup", codec::decode_local_lookup},
    {"lookup", codec::decode_lookup},
    {"monitor", codec::decode_monitor},
    {"noop", codec::decode_noop},
    {"otp", codec::decode_otp},
    {"notify", codec::decode_notify},
    {"pkam", codec::decode_pkam},
    {"plookup", codec::decode_public_lookup},
    {"pol", codec::decode_pol},
    {"scan", codec::decode_scan},
    {"stats", codec::decode_stats},
    {"sync", codec::decode_sync},
    {"update", codec::decode_update},
};

}  // namespace

std::string encode(const Verb& verb) {
  auto line = std::visit([](const auto& one) { return codec::encode(one); }, verb);
  if (line.find('\n') != line.npos) throw std::logic_error("a command must be one line");
  return line;
}

Result<Verb> decode(std::string_view line) {
  line = trim(line);
  if (line.empty()) return Verb(Empty());
  const auto word = lower(line.substr(0, line.find_first_of(": ")));
  const auto* entry = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                   [&](const Entry& one) { return one.word == word; });
  if (entry == std::end(kVerbs)) return fail(Errc::not_found, "no such command");
  if (!is_utf8(line) || line.find('\n') != line.npos) {
    return fail(Errc::bad_syntax, std::string(entry->word) + ": not one line of UTF-8");
  }
  auto verb = entry->decode(line.substr(word.size()));
  if (!verb) return fail(std::move(verb).error().during(entry->word));
  return verb;
}

}  // namespace noports::at
