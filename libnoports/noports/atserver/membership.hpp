// SPDX-License-Identifier: BSD-3-Clause
// What a platform that has joined another keeps of that in its folder, and how it says so: the
// guest's side of join_message.hpp.
//
//   joined-ca.pem   the host's authority: what clients of both must trust
//   joined.pem      our certificate from it, and its key (0600): one file, whole or not there
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "noports/atserver/join_message.hpp"
#include "noports/atserver/place.hpp"
#include "noports/atserver/store.hpp"
#include "noports/net/tls.hpp"

namespace noports::atserver {

struct JoinOptions {
  Place host;                               // its directory
  std::filesystem::path token_file;         // of `atplatform join-token`, private to its user
  std::chrono::milliseconds every{60'000};  // between two words to it; after failures at most
};

// The files of a folder; whether they are there is another question.
std::filesystem::path joined_authority(const std::filesystem::path& folder);
std::filesystem::path joined_certificate(const std::filesystem::path& folder);
// For a platform that serves on its own (again).
void forget_membership(const std::filesystem::path& folder) noexcept;

class Membership {
 public:
  using Time = std::chrono::system_clock::time_point;

  // Reads the token; makes up who we are, at the first time. `host_name` is ours. config when the
  // token file cannot be used. `has_certificate`: one of somebody else, so that none is asked for.
  static Result<Membership> open(Store& store, const std::filesystem::path& folder,
                                 const JoinOptions& options, const net::Trust& trust,
                                 std::string host_name, bool has_certificate);

  const Place& host() const noexcept { return host_; }
  const net::TlsContext& to_host() const noexcept { return to_host_; }
  // The host's authority; empty when its certificate is of somebody else.
  std::filesystem::path authority() const;

  // config when there is no certificate to serve with at `now`, and one is wanted.
  Result<void> check_certificate(Time now) const;

  // Says to the host that we are here, with all our atSigns (nothing: those of last time), and asks
  // for a certificate when one is due. Errors are at Hop::directory: those of dial_tls(),
  // `rejected` and `refused` in the words of the host.
  struct Joined {
    std::vector<RefusedAtsign> refused;
    bool new_certificate = false;
  };
  asio::awaitable<Result<Joined>> join(std::optional<std::vector<HostedAtsign>> atsigns, Time now,
                                       net::Deadline deadline);

 private:
  Membership(std::filesystem::path folder, Place host, JoinToken token)
      : folder_(std::move(folder)), host_(std::move(host)), token_(std::move(token)) {}
  bool is_certificate_due(Time now) const;

  std::filesystem::path folder_;
  Place host_;
  JoinToken token_;
  net::TlsContext to_host_;
  std::string guest_, host_name_;
  bool has_certificate_ = false;
};

}  // namespace noports::atserver
