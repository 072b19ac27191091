// SPDX-License-Identifier: BSD-3-Clause
// A registrar beside a platform: the HTTPS endpoint that at_activate asks for the CRAM secret of an
// atSign with a one-time code (keys-and-enrollment.md 3.1). It has threads and a store of its own,
// so that nothing that is asked here delays the atServers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "noports/base/result.hpp"

namespace noports::atserver {

struct RegistrarOptions {
  std::filesystem::path dir;         // of the platform
  std::filesystem::path chain, key;  // its certificate
  std::string listen = "127.0.0.1";
  std::uint16_t port = 443;  // 0: a free one
  // Where codes go, one of them: a file (0600) that gets a line "@alice CODE" for each, or a shell
  // command that gets it on its standard input. Codes are in no argument and no environment.
  std::optional<std::filesystem::path> otp_file;
  std::optional<std::string> otp_command;
};

class Registrar {
 public:
  // Serves from now on until its end. config when the certificate cannot be used, busy when the
  // port cannot be had.
  static Result<std::unique_ptr<Registrar>> open(RegistrarOptions options);
  ~Registrar();
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;

  std::uint16_t port() const noexcept;

 private:
  struct Parts;
  explicit Registrar(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace noports::atserver
