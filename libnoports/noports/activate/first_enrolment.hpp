// SPDX-License-Identifier: BSD-3-Clause
// The enrolment of an atSign's first application: what is asked on a connection that has proved the
// activation secret, and the answer (keys-and-enrollment.md 3.3, 3.5). Values only.
#pragma once

#include <string>
#include <string_view>

#include "noports/at/verb.hpp"
#include "noports/base/result.hpp"

namespace noports::activate {

struct FirstEnrolment {
  std::string app_name = "firstApp";
  std::string device_name = "firstDevice";
  std::string public_key;  // that will prove who we are, base64
  bool operator==(const FirstEnrolment&) const = default;
};

// Without the two encrypted keys that old clients add: whoever reads both can compute the secret
// one of them (keys-and-enrollment.md 7.1).
at::Enroll encode(const FirstEnrolment& wanted);
Result<FirstEnrolment> decode_first_enrolment(std::string_view json);

// The id. refused when the atServer has not approved it; bad_syntax for anything that is no answer.
Result<std::string> decode_enrolled(std::string_view json);

// Whether a refusal says that these names have been enrolled already.
bool is_taken(const Error& refusal);

}  // namespace noports::activate
