// SPDX-License-Identifier: BSD-3-Clause
#include "common/argv.hpp"

#include <cstring>
#include <span>

#include "noports/crypto/secret.hpp"

namespace noports::apps {

void hide_in_argv(std::string_view secret, int argc, char** argv) noexcept {
  if (secret.empty()) return;
  for (int i = 1; i < argc; ++i) {
    const auto size = std::strlen(argv[i]);
    if (!std::string_view(argv[i], size).ends_with(secret)) continue;
    char* const begin = argv[i] + (size - secret.size());
    crypto::wipe(std::as_writable_bytes(std::span(begin, secret.size())));
  }
}

}  // namespace noports::apps
