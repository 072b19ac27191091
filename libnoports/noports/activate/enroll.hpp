// SPDX-License-Identifier: BSD-3-Clause
// A new device's own enrolment: asks with a passcode, waits for the approval, collects the keys
// (keys-and-enrollment.md 4.4, 4.6, 4.7).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "noports/activate/enrolment.hpp"
#include "noports/activate/onboard.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/tls.hpp"

namespace noports::activate {

struct Enrolling {
  atclient::Directory directory;
  net::TlsContext tls;
  at::Atsign self;
  std::string app_name{}, device_name{};
  Namespaces namespaces{};
  std::string passcode{};
  std::filesystem::path key_file{};                    // to be made
  std::chrono::milliseconds expiry{0};                 // of the keys; 0 is never
  std::shared_ptr<const crypto::Secret> passphrase{};  // the key file goes under it

  std::chrono::milliseconds pause{10'000};          // between two looks at the approval
  std::chrono::milliseconds longest_pause{60'000};  // while the atServer cannot be reached
  // How many failures of the network in a row are borne; none: all of them.
  std::optional<std::size_t> retries{};
};

struct EnrolTold {
  Say say;  // each step
  // The request has been taken: its id and its check code.
  std::function<void(const std::string& id, const std::string& code)> submitted;
};

// From the request to a key file that works; its enrolment's id. The secrets are in
// pending_path(key_file) from before the request until the key file is there: what was interrupted,
// wherever, is finished by the next call with the same names.
// Errors: busy when the key file exists and is not this enrolment's, or another one is unfinished
// there; refused when it was denied, revoked or ran out, or the passcode is wrong; those of the
// network.
asio::awaitable<Result<std::string>> enroll(Enrolling what, EnrolTold told);

}  // namespace noports::activate
