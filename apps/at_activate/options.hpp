// SPDX-License-Identifier: BSD-3-Clause
// The command line of at_activate (cli-and-packaging.md 1.9): its commands, and the options of
// each.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/activate/enrolment.hpp"
#include "noports/activate/registrar_client.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::apps::at_activate {

enum class Command {
  onboard,
  enroll,
  otp,
  spp,
  list,
  fetch,
  approve,
  deny,
  revoke,
  unrevoke,
  remove,     // "delete"
  automatic,  // "auto"
  status,
  interactive,
  backup,
  verify,
  import,
};
std::string_view name(Command command) noexcept;
std::optional<Command> command_of(std::string_view word) noexcept;

struct Options {
  std::optional<at::Atsign> atsign;
  KeyAccess key_access;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
  bool json = false;
  std::size_t attempts = 10;  // to connect, 3 s apart

  // onboard, enroll
  crypto::Secret cramkey;  // as typed; "-" means standard input
  std::optional<std::filesystem::path> cramkey_file;
  activate::RegistrarAddress registrar;  // when no secret is given
  std::string registrar_key = activate::Registrar().api_key;
  std::optional<std::size_t> retries;
  std::string app, device, passcode;
  activate::Namespaces namespaces;
  std::optional<std::chrono::milliseconds> expiry;

  // list, fetch, approve, ...
  std::optional<std::string> id, app_selector, device_selector;
  bool is_regex = false;
  std::vector<std::string> statuses;
  bool force = false, zero_iv = false, approve_existing = false;
  std::size_t limit = 1;

  // backup, import
  std::optional<std::filesystem::path> to, encrypted;
};

// The whole program, for its help, man page and completion.
Program describe(Options& into);
// One command, for its arguments.
Program describe(Command command, Options& into);

// What the table cannot say; `words` are those that belong to no option.
Result<void> check(Command command, const Options& options, const std::vector<std::string>& words);

// The key file that onboard and enroll make ends in ".atKeys", whatever --keys says, as the
// reference has it (keys-and-enrollment.md 1.6). Before anything looks for it.
void name_new_file(Command command, Options& options);

// Overwrites the secrets in argv, where every user of the machine can read them.
void hide_secrets(const Options& options, int argc, char** argv) noexcept;

// Whether the options say where the activation secret is.
bool has_secret(const Options& options);

// The activation secret, from wherever the options say it is. config when there is none, or it is
// no secret.
Result<crypto::Secret> read_secret(const Options& options);

}  // namespace noports::apps::at_activate
