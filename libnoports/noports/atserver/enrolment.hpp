// SPDX-License-Identifier: BSD-3-Clause
// An enrolment: an application on a device that has, or asks for, its own key and a part of the
// atSign's namespaces (keys-and-enrollment.md 4.1). A value; the server keeps it as a record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace noports::atserver {

struct Enrolment {
  enum class State { pending, approved, denied, revoked };
  enum class Right { none, read, write };
  struct Namespace {
    std::string name;  // "sshnp", "lab.sshnp", "*" (all others), "__manage" (enrolments)
    Right right = Right::read;
    bool operator==(const Namespace&) const = default;
  };

  std::string id;       // not in the record's text: it is in its key
  std::string session;  // of the connection that asked
  std::string app, device;
  std::vector<Namespace> namespaces{};
  std::string key;  // apkamPublicKey
  // The symmetric key of the asker, under the atSign's public key; the first one has none.
  std::optional<std::string> wrapped_key{};
  std::int64_t key_life = 0;  // ms from its approval on; 0: for ever
  State state = State::pending;
  bool operator==(const Enrolment&) const = default;

  // Whether it may manage enrolments, and what else is the owner's alone.
  bool manages() const;
  // What it may do with records of this name ("heartbeat.lab.sshnp", without recipient and owner):
  // the most that a namespace of its own at the end of the name allows, else what "*" allows (5.1).
  Right right_on(std::string_view name) const;
  // What it may hand on of a namespace when it approves another.
  Right right_in(std::string_view space) const;
};

// "pending", ...
std::string_view state_name(Enrolment::State state);

// "<id>.new.enrollments.__manage" and the names of the two wrapped keys, with the owner
// ("@alice"); in lower case, as keys are stored.
std::string enrolment_key(std::string_view id, std::string_view owner);
std::string private_key_of(std::string_view id, std::string_view owner);
std::string self_key_of(std::string_view id, std::string_view owner);

// The text of its record (3.21), and back; nothing for what is none. Missing members are empty.
std::string encode(const Enrolment& enrolment);
std::optional<Enrolment> decode_enrolment(std::string_view id, std::string_view text);

// What list and fetch show of it; `state` may say "expired".
std::string shown_json(const Enrolment& enrolment, std::string_view state);
// The value of the notification that approvers get (keys-and-enrollment.md 4.5).
std::string announcement_json(const Enrolment& enrolment);

}  // namespace noports::atserver
