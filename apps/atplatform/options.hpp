// SPDX-License-Identifier: BSD-3-Clause
// What atplatform is told on its command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atserver/platform.hpp"
#include "noports/atserver/registrar.hpp"

namespace noports::apps::atplatform {

enum class Command { serve, add, remove, reset, list, export_, import_, ca, join_token };

struct Options {
  Command command = Command::serve;
  std::optional<at::Atsign> atsign;           // of add, remove, reset and export
  std::optional<std::filesystem::path> file;  // of export and import
  bool yes = false;                           // remove and reset may delete
  bool json = false;                          // list prints JSON
  std::string dir;
  std::optional<std::string> listen, host_name;
  std::optional<std::filesystem::path> tls_cert, tls_key;
  std::optional<std::uint16_t> directory_port;
  std::optional<std::uint16_t> registrar_port;  // nothing: no registrar
  std::optional<std::filesystem::path> otp_file;
  std::optional<std::string> otp_command;
  std::optional<atserver::Place> join;  // the platform to take part in
  std::optional<std::filesystem::path> join_token, ca_file;
  std::optional<std::filesystem::path> token_file;  // join-token: where it goes
  bool list_tokens = false;                         // join-token
  std::optional<std::string> revoke;                // join-token: an id

  atserver::PlatformOptions platform() const;
  std::optional<atserver::RegistrarOptions> registrar() const;
};

// `into` outlives the table.
Program describe(Options& into);

// Reads command and atSign from the words that are no options, and checks what belongs together.
Result<void> check(Options& options, const std::vector<std::string>& words);

}  // namespace noports::apps::atplatform
