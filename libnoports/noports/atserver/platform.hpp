// SPDX-License-Identifier: BSD-3-Clause
// The atDirectory and the atServers of any number of atSigns in one process, from one folder.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "noports/atserver/membership.hpp"
#include "noports/atserver/services.hpp"
#include "noports/base/result.hpp"

namespace noports::atserver {

// A certificate that somebody else has issued, as PEM files.
struct OwnCertificate {
  std::filesystem::path chain, key;
};

struct PlatformOptions {
  std::filesystem::path dir;  // made when it is not there
  std::string listen = "127.0.0.1";
  std::string host_name = "localhost";        // what the directory answers
  std::optional<OwnCertificate> certificate;  // nothing: one of the platform's own authority
  std::uint16_t directory_port = 64;          // 0: a free one, the same at the next start
  Limits limits;
  std::optional<JoinOptions> join;  // takes part in the directory of another platform
  net::Trust trust;                 // of that one, and of the platforms found through it
};

// What a platform that joins another needs before its first open(): a certificate of that one, when
// there is none that can be used. Does nothing for others. Errors: those of Membership::open() and
// join().
asio::awaitable<Result<void>> prepare_to_join(PlatformOptions options, net::Deadline deadline);

class Platform {
 public:
  // Store, certificates and listening sockets. busy when the folder is served already or the port
  // of the directory is taken, config when the folder, what is in it, the certificate or the token
  // cannot be used.
  static Result<std::unique_ptr<Platform>> open(asio::any_io_executor executor,
                                                PlatformOptions options);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  const std::string& host_name() const noexcept;
  std::uint16_t directory_port() const noexcept;
  // What clients must trust; empty with a certificate of somebody else. Of a guest: the authority
  // of its host.
  const std::filesystem::path& ca_file() const noexcept;

  // What serve() does once a day and at each SIGHUP, for the handshakes to come; connections go on
  // with theirs: renews the platform's certificate if it is due at `now`, or reads that of somebody
  // else again. After an error the one before stays.
  Result<void> renew_certificate(std::chrono::system_clock::time_point now);

  // Where the atServers of other platforms are; before serve().
  void set_elsewhere(std::unique_ptr<Elsewhere> elsewhere);

  // Serves until it is cancelled. Then nothing new is accepted, requests that were begun are
  // answered within limits.drain, and what was acknowledged is on disk.
  asio::awaitable<Result<void>> serve();

 private:
  struct Parts;
  explicit Platform(std::unique_ptr<Parts> parts);
  asio::awaitable<Result<void>> run();
  asio::awaitable<void> keep_certified();
  std::unique_ptr<Parts> parts_;
};

}  // namespace noports::atserver
