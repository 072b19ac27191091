// SPDX-License-Identifier: BSD-3-Clause
// One encoder and one decoder for each command, by family: verb_auth.cpp, verb_data.cpp,
// verb_update.cpp, verb_notify.cpp, verb_notices.cpp, verb_sync.cpp, verb_service.cpp,
// verb_apkam.cpp. Internal to
// at/; verb.cpp chooses among them. Each decoder gets what follows the command's word: nothing,
// ":..." or " ...".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/verb.hpp"

namespace noports::at::codec {

// A failed decode: the form that was expected, never the text that came.
inline Unexpected want(std::string_view form) {
  return fail(Errc::bad_syntax, "want " + std::string(form));
}

// What stands behind the first blank is a regular expression.
struct Head {
  std::string_view options;
  std::string regex;
};
// Splits `rest` there. Without any ':' in the command the reference lower-cases all of it, and the
// C daemon relies on that for device names with capitals.
Head split_regex(std::string_view rest);
// True when `regex` would not survive the reference's treatment of a command whose first ':' is
// inside the regex, or that has none; an option in front of it keeps it whole.
bool needs_option(std::string_view regex);

// Which keys a command may name: no internal ones, and of the server's own keys at most this one.
bool may_name(const Key& key, std::string_view privatekey);

std::string encode(const Empty& verb);
std::string encode(const Exit& verb);
std::string encode(const From& verb);
std::string encode(const Cram& verb);
std::string encode(const Pkam& verb);
std::string encode(const Pol& verb);
std::string encode(const Noop& verb);
std::string encode(const Enroll& verb);
std::string encode(const Scan& verb);
std::string encode(const LocalLookup& verb);
std::string encode(const Lookup& verb);
std::string encode(const PublicLookup& verb);
std::string encode(const Update& verb);
std::string encode(const UpdateMeta& verb);
std::string encode(const Delete& verb);
std::string encode(const Notify& verb);
std::string encode(const NotifyAll& verb);
std::string encode(const NotifyStatus& verb);
std::string encode(const NotifyFetch& verb);
std::string encode(const NotifyList& verb);
std::string encode(const NotifyRemove& verb);
std::string encode(const Monitor& verb);
std::string encode(const Sync& verb);
std::string encode(const Stats& verb);
std::string encode(const Info& verb);
std::string encode(const Otp& verb);
std::string encode(const Keys& verb);
std::string encode(const Batch& verb);
std::string encode(const Config& verb);

Result<Verb> decode_exit(std::string_view rest);
Result<Verb> decode_from(std::string_view rest);
Result<Verb> decode_cram(std::string_view rest);
Result<Verb> decode_pkam(std::string_view rest);
Result<Verb> decode_pol(std::string_view rest);
Result<Verb> decode_noop(std::string_view rest);
Result<Verb> decode_enroll(std::string_view rest);
Result<Verb> decode_scan(std::string_view rest);
Result<Verb> decode_local_lookup(std::string_view rest);
Result<Verb> decode_lookup(std::string_view rest);
Result<Verb> decode_public_lookup(std::string_view rest);
Result<Verb> decode_update(std::string_view rest);  // update:meta and update:json too
Result<Verb> decode_delete(std::string_view rest);
Result<Verb> decode_notify(std::string_view rest);  // and every other notify:...
// status, fetch, list, remove; nothing for what is none of them
std::optional<Result<Verb>> decode_notices(std::string_view rest);
Result<Verb> decode_monitor(std::string_view rest);
Result<Verb> decode_sync(std::string_view rest);
Result<Verb> decode_stats(std::string_view rest);
Result<Verb> decode_info(std::string_view rest);
Result<Verb> decode_otp(std::string_view rest);
Result<Verb> decode_keys(std::string_view rest);
Result<Verb> decode_batch(std::string_view rest);
Result<Verb> decode_config(std::string_view rest);

}  // namespace noports::at::codec
