// SPDX-License-Identifier: BSD-3-Clause
// Throw-away certificates: an authority and leaves signed by it, as PEM files in a temporary
// folder.
//
//   test::Authority authority;
//   const auto leaf = authority.issue();            // localhost, 127.0.0.1 and ::1
//   net::server_context(leaf.chain, leaf.key);
//   net::client_context(authority.trust());         // trusts this authority alone
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "noports/net/tls.hpp"
#include "support/temp_folder.hpp"

namespace noports::test {

struct LeafFiles {
  std::filesystem::path chain, key;
};

struct LeafWish {
  // As OpenSSL writes them: "DNS:name" or "IP:address".
  std::vector<std::string> names{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
  long valid_from = -3600, valid_until = 3600;  // seconds from now
};

class Authority {
 public:
  Authority();
  ~Authority();
  LeafFiles issue(const LeafWish& wish = LeafWish());
  const std::filesystem::path& ca_file() const noexcept { return ca_file_; }
  net::Trust trust() const;
  net::TlsContext client_context() const;
  net::TlsContext server_context(const LeafWish& wish = LeafWish());

 private:
  struct Keys;
  TempFolder folder_;
  std::filesystem::path ca_file_;
  std::unique_ptr<Keys> keys_;
  int issued_ = 0;
};

}  // namespace noports::test
