// SPDX-License-Identifier: BSD-3-Clause
// Where the secrets of the command line come from and go to.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <span>

#include "at_activate/options.hpp"
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

// "-cSECRET" and "--cramkey=SECRET" keep their names.
void hide(std::string_view secret, int argc, char** argv) noexcept {
  if (secret.empty() || secret == "-") return;
  for (int i = 1; i < argc; ++i) {
    const auto size = std::strlen(argv[i]);
    if (!std::string_view(argv[i], size).ends_with(secret)) continue;
    char* const begin = argv[i] + (size - secret.size());
    crypto::wipe(std::as_writable_bytes(std::span(begin, secret.size())));
  }
}

}  // namespace

void hide_secrets(const Options& options, int argc, char** argv) noexcept {
  hide(options.cramkey.text(), argc, argv);
  hide(options.passcode, argc, argv);
  if (options.key_access.passphrase) hide(options.key_access.passphrase->text(), argc, argv);
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
