// SPDX-License-Identifier: BSD-3-Clause
// The enrolments of an atSign among its records. Internal to the session.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "noports/atserver/enrolment.hpp"
#include "noports/atserver/verbs.hpp"

namespace noports::atserver {

struct KeptEnrolment {
  Enrolment enrolment;
  Record record;
  bool expired = false;  // but not swept up yet

  std::string_view state() const {
    return expired ? std::string_view("expired") : state_name(enrolment.state);
  }
};

// Nothing for an id that is unknown, or none at all.
std::optional<KeptEnrolment> find_enrolment(Turn& turn, std::string_view id);
// The oldest first.
std::vector<KeptEnrolment> all_enrolments(Turn& turn);
// Stores what `kept.enrolment` has become, with the record's lifetime.
void keep_enrolment(Turn& turn, KeptEnrolment kept);

// A record of the server's own, outside the commit log.
void put_own(Turn& turn, std::string key, std::string value,
             std::optional<std::int64_t> expires = std::nullopt);

// AT0011, of which most refusals of enroll are.
Reply refuse_enroll(std::string text);
// "enrollment_id: <id> is expired or invalid", AT0028
Reply no_such_enrolment(std::string_view id);

// enroll:request (verbs_enroll), and everything that is done to enrolments that exist
// (verbs_enrolments). `json` is the command's.
struct EnrollParameters {
  std::string id;
  std::string private_key, private_key_iv, self_key, self_key_iv;
  std::vector<std::string> states;  // for list; empty: all
};
Reply decide_enrolment(Turn& turn, const at::Enroll& verb, const EnrollParameters& parameters);

}  // namespace noports::atserver
