// SPDX-License-Identifier: BSD-3-Clause
// The command line of at_activate (cli-and-packaging.md 1.9).
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::apps::at_activate {

struct Options {
  std::optional<at::Atsign> atsign;
  crypto::Secret cramkey;  // as typed; "-" means standard input
  std::optional<std::filesystem::path> cramkey_file;
  std::optional<std::filesystem::path> key_file;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
  std::size_t retries = 50;  // tries after the first one
};

Program describe(Options& into);

// Before parsing: config for a command of at_activate that is not made yet, whatever its options.
Result<void> check_command(int argc, const char* const* argv);

// The words that are no options: the command, "onboard" when there is none. config for anything
// else than that one command, and without a secret.
Result<void> check(const Options& options, const std::vector<std::string>& words);

// Overwrites the activation secret in argv, where every user of the machine can read it.
void hide_secret(const Options& options, int argc, char** argv) noexcept;

// From wherever the options say it is. config when there is none, or it is no secret.
Result<crypto::Secret> read_secret(const Options& options);

}  // namespace noports::apps::at_activate
