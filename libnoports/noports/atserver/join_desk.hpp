// SPDX-License-Identifier: BSD-3-Clause
// Who may join this platform, and with what: the host's decisions (join_message.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "noports/atserver/join_message.hpp"
#include "noports/atserver/store.hpp"

namespace noports::atserver {

// A setting of the store, "yes" or "no": for what has the folder alone.
inline constexpr std::string_view kIssuesCertificates = "issues_certificates";

struct JoinTerms {
  std::filesystem::path folder;      // of the host, for its authority
  bool issues_certificates = false;  // it has an authority of its own
  std::string host_name;             // of the host
};

// Whether a guest may say more. `rejected` when the token is not one of ours; in constant time as
// far as its secret goes. In a Database::Scope.
Result<void> check_join_token(Store& store, const JoinToken& claim);

// Notes the guest and its atSigns, and issues the certificate that it wants. `is_near`: it runs on
// the host's own machine. refused says why. In a Database::Scope, which is not to be finished after
// an error.
//
// A token is its bearer's leave to be the host that it names first, whichever that is: its
// certificate is trusted by everybody who trusts this platform. Only the host's own name and those
// of the loopback are not to be had from other machines.
Result<JoinAnswer> admit(Store& store, const JoinTerms& terms, const std::string& token,
                         const JoinRequest& guest, bool is_near, std::int64_t now);

}  // namespace noports::atserver
