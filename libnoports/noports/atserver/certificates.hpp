// SPDX-License-Identifier: BSD-3-Clause
// The platform's own certificate authority and its server certificate: EC P-256, in PEM files.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::atserver {

struct CertificateFiles {
  std::filesystem::path ca;     // the authority's certificate; what clients trust
  std::filesystem::path chain;  // of the server
  std::filesystem::path key;    // of the server, 0600
};

// Whether a certificate of the server that ends at `not_after` is to be replaced: less than half of
// its life is left, so that a failing renewal has half a year to be noticed.
bool is_renewal_due(std::chrono::system_clock::time_point now,
                    std::chrono::system_clock::time_point not_after) noexcept;
// The same for one of issue_for_guest().
bool is_guest_renewal_due(std::chrono::system_clock::time_point now,
                          std::chrono::system_clock::time_point not_after) noexcept;

// Makes the authority in `folder` (ca.pem, and ca.key with 0600) if there is none. Returns the path
// of its certificate. Safe when several processes do it at once.
Result<std::filesystem::path> ensure_authority(const std::filesystem::path& folder,
                                               std::chrono::system_clock::time_point now);

// The certificate of that authority, PEM.
Result<std::string> authority_pem(const std::filesystem::path& folder,
                                  std::chrono::system_clock::time_point now);

// The authority, and a certificate of it for `names` (DNS names and numeric addresses): the one
// that is there, or a new one when it is missing, due, of another authority or key, or does not
// cover all names.
Result<CertificateFiles> ensure_certificates(const std::filesystem::path& folder,
                                             const std::vector<std::string>& names,
                                             std::chrono::system_clock::time_point now);

// A certificate of the folder's authority for the key of `request` (PKCS #10, PEM), which serves as
// `host`, a name or a numeric address, and as nothing else: its PEM with the authority's behind it.
// refused when the request is not to be used. The authority must be there.
Result<std::string> issue_for_guest(const std::filesystem::path& folder, const std::string& request,
                                    const std::string& host,
                                    std::chrono::system_clock::time_point now);

// Whether `chain` and `key`, which somebody else has made, can serve as `host_name` at `now`: PEM,
// of one another, valid, and the key hidden from other users. config says what is wrong and what to
// do. A certificate that ends within two weeks is warned of in the log.
Result<void> check_certificate(const std::filesystem::path& chain, const std::filesystem::path& key,
                               const std::string& host_name,
                               std::chrono::system_clock::time_point now);

}  // namespace noports::atserver
