// SPDX-License-Identifier: BSD-3-Clause
// The atDirectory and the atServers of any number of atSigns in one process, from one folder.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "noports/atserver/services.hpp"
#include "noports/base/result.hpp"

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

}  // namespace noports::atserver
