// SPDX-License-Identifier: BSD-3-Clause
// Enrolments as values: what a new device asks for, what an approver sees and answers, and the two
// keys that come back (keys-and-enrollment.md 4). No connection, no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/verb.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/keys/keys.hpp"

namespace noports::activate {

// Letters, digits, '-' and '_', at most 128: it becomes a part of commands, between colons, and of
// key names.
bool is_enrolment_id(std::string_view text) noexcept;

struct Namespace {
  std::string name;    // "sshnp"; "*" is every one
  std::string access;  // "r" or "rw"
  bool operator==(const Namespace&) const = default;
};
using Namespaces = std::vector<Namespace>;

// "sshnp:rw,sshrvd:rw"; blanks around the items and double quotes are dropped (4.1). config for a
// list that is empty, names one twice, or has an item without its access.
Result<Namespaces> parse_namespaces(std::string_view text);
std::string text_of(const Namespaces& namespaces);  // "{sshnp: rw, sshrvd: rw}"

// What a device asks for before anybody knows it (4.4).
struct EnrolRequest {
  std::string app_name, device_name;
  Namespaces namespaces;
  std::string passcode;
  std::string wrapped_key;  // base64: its symmetric key, for the holder of the default key
  std::string public_key;   // that will prove who it is
  std::chrono::milliseconds expiry{0};  // of the keys once they are approved; 0 is never
  bool operator==(const EnrolRequest&) const = default;
};
at::Enroll encode(const EnrolRequest& wanted);
Result<EnrolRequest> decode_enrol_request(std::string_view json);

// The symmetric key of an enrolment, encrypted for the owner of the atSign: its base64 text is the
// plain text. unwrap_key() is the other way; bad_syntax for anything that is no such key.
Result<std::string> wrap_key(const crypto::Secret& symmetric, const crypto::PublicKey& owner);
Result<crypto::Secret> unwrap_key(std::string_view wrapped, const crypto::PrivateKey& owner);

// Eight hexadecimal digits that both sides can show: whoever put another request or another key in
// between shows others (7.2).
std::string check_code(const crypto::Secret& symmetric, std::string_view id);

// One that an atServer knows of.
struct Enrolment {
  std::string id;
  std::string app_name, device_name;
  Namespaces namespaces;
  std::string status;       // "pending", "approved", ...; others may come
  std::string wrapped_key;  // empty for the first enrolment of an atSign
  bool operator==(const Enrolment&) const = default;
};

// Answers. Each bad_syntax at Hop::atserver when it is none.
Result<Enrolment> decode_enrolment(std::string_view id, std::string_view json);  // of fetch
Result<std::vector<Enrolment>> decode_enrolments(std::string_view json);         // of list
// Of request, approve, deny, revoke, unrevoke, delete: id and status.
struct Outcome {
  std::string id, status;
};
Result<Outcome> decode_outcome(std::string_view json);

// A self notification's key and value: a request that has just come in (4.5). The status is
// "pending".
Result<Enrolment> decode_request_note(std::string_view key, std::string_view value);
// Which self notifications are such, for the monitor command.
inline constexpr std::string_view kRequestNotes = R"(.*\.new\.enrollments\.__manage)";

// enroll:<operation>:{"enrollmentId":"<id>"}
at::Enroll about(std::string_view operation, std::string_view id, bool force = false);
// enroll:list, of these statuses or of all
at::Enroll list_of(const std::vector<std::string>& statuses);

// The IVs of the two keys that an approval hands over, 16 bytes each. Without them both are
// encrypted with the zero IV, from which whoever sees both computes one of them (7.1): only for
// atServers that would drop the IVs (4.9).
struct ApprovalIvs {
  std::string private_key, self_key;
};
// enroll:approve with our default keys for the device that holds the wrapped key. bad_syntax when
// that is none of ours.
Result<at::Enroll> approve(const Enrolment& wanted, const keys::Keys& ours,
                           const std::optional<ApprovalIvs>& ivs);
// Whether an atServer keeps the IVs, from its answer to info:brief.
bool keeps_ivs(std::string_view info_json);

// The commands that collect what the approver left, and their answers: {"value","iv"} (4.7). The
// text is base64: of a PKCS#8 key, of an AES key.
at::Keys private_key_of(std::string_view id, const at::Atsign& owner);
at::Keys self_key_of(std::string_view id, const at::Atsign& owner);
Result<crypto::Secret> open_kept(std::string_view json, const crypto::Secret& symmetric);

// What a refused log-in says about an enrolment (4.6).
enum class Standing { pending, denied, revoked, expired, unproven, unknown };
Standing standing(const Error& refusal);

}  // namespace noports::activate
