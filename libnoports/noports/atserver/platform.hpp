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
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/services.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

struct PlatformOptions {
  std::filesystem::path dir;  // made when it is not there
  std::string listen = "127.0.0.1";
  std::string host_name = "localhost";  // what the directory answers
  std::uint16_t directory_port = 64;    // 0: a free one, the same at the next start
  Limits limits;
};

class Platform {
 public:
  // Store, certificates and listening sockets. busy when the folder is served already or the port
  // of the directory is taken, config when the folder or what is in it cannot be used.
  static Result<std::unique_ptr<Platform>> open(asio::any_io_executor executor,
                                                PlatformOptions options);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  const std::string& host_name() const noexcept;
  std::uint16_t directory_port() const noexcept;
  const std::filesystem::path& ca_file() const noexcept;

  // What serve() does once a day: renews the certificate if it is due at `now`, for the handshakes
  // to come; connections go on with theirs.
  Result<void> renew_certificate(std::chrono::system_clock::time_point now);

  // Serves until it is cancelled; then what was acknowledged is on disk.
  asio::awaitable<Result<void>> serve();

 private:
  struct Parts;
  explicit Platform(std::unique_ptr<Parts> parts);
  asio::awaitable<Result<void>> run();
  asio::awaitable<void> keep_certified();
  std::unique_ptr<Parts> parts_;
};

// What `atplatform` can do to the folder, whether it is being served or not.

// Returns the CRAM secret, 128 hexadecimal digits. config when the atSign is there already.
Result<crypto::Secret> add_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

struct Listed {
  at::Atsign atsign;
  std::uint16_t port;  // 0: none given yet
  bool is_activated;   // its public key is there
};
Result<std::vector<Listed>> list_atsigns(const std::filesystem::path& dir);

// The path of the authority's certificate, which is made when it is not there.
Result<std::filesystem::path> find_authority(const std::filesystem::path& dir);

}  // namespace noports::atserver
