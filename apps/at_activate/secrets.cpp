// SPDX-License-Identifier: BSD-3-Clause
// Where the secrets of the command line come from and go to.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "at_activate/options.hpp"
#include "common/argv.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

constexpr std::size_t kMostSecret = 4096;  // bytes; those of the registrar have 128

// The secret in a text that may end with blanks and line breaks, as files do.
Result<crypto::Secret> take_secret(std::string_view text) {
  const auto secret = trim(text);
  const bool is_plain = std::all_of(secret.begin(), secret.end(),
                                    [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (secret.empty() || secret.size() > kMostSecret || !is_plain) {
    return fail(Errc::config, "the activation secret is empty, too long, or not one word");
  }
  return crypto::Secret(secret);
}

Result<crypto::Secret> read_secret_from(std::istream& in) {
  std::string text(kMostSecret + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  auto secret =
      take_secret(std::string_view(text).substr(0, static_cast<std::size_t>(in.gcount())));
  crypto::wipe(text);
  return secret;
}

}  // namespace

void hide_secrets(const Options& options, int argc, char** argv) noexcept {
  // "-" is where the secret is read from.
  if (options.cramkey.text() != "-") hide_in_argv(options.cramkey.text(), argc, argv);
  hide_in_argv(options.passcode, argc, argv);
  if (options.key_access.passphrase) {
    hide_in_argv(options.key_access.passphrase->text(), argc, argv);
  }
}

bool has_secret(const Options& options) {
  return !options.cramkey.empty() || options.cramkey_file.has_value();
}

Result<crypto::Secret> read_secret(const Options& options) {
  if (options.cramkey_file && *options.cramkey_file != "-") {
    std::ifstream file(*options.cramkey_file, std::ios::binary);
    if (!file) {
      return fail(Errc::config, "cannot read " + printable(options.cramkey_file->string()));
    }
    return read_secret_from(file);
  }
  if (options.cramkey_file || options.cramkey.text() == "-") return read_secret_from(std::cin);
  return take_secret(options.cramkey.text());
}

}  // namespace noports::apps::at_activate
