// SPDX-License-Identifier: BSD-3-Clause
// Records that belong to one enrolment: "public:_apsk.<id>.a.__e@alice" and whatever else is named
// below "<id>.a.__e". Only the enrolment itself writes them; when it ends the server renames them,
// and peers see in the name that its signatures no longer count (noports-newer.md 7.4, 16.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/atserver/records.hpp"

namespace noports::atserver {

// The enrolment of a connection that has none: keys made without one.
inline constexpr std::string_view kPrimaryEnrolment = "primary";

struct EnrolmentName {
  std::string_view id;
  bool active =
      false;  // "a.__e"; otherwise renamed by the server, or no form of this server at all
  bool operator==(const EnrolmentName&) const = default;
};
// What a complete key says of its enrolment; nothing for keys that are not below "__e".
std::optional<EnrolmentName> enrolment_name(std::string_view key);

// The id in the key of an enrolment's own record, "<id>.new.enrollments.__manage@alice".
std::optional<std::string_view> enrolment_of(std::string_view key);

// revoked: "r.__e"; deleted or expired: "d.__e"; active again: "a.__e".
enum class Withdrawal { revoked, deleted, none };
// Renames all records of an enrolment of `owner` ("@alice"), whose account it is. In a
// Database::Scope.
void withdraw(Records& records, std::int64_t account, std::string_view owner, std::string_view id,
              Withdrawal to, std::int64_t now);

}  // namespace noports::atserver
