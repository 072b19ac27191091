// SPDX-License-Identifier: BSD-3-Clause
#include "common/terminal.hpp"

#include <fcntl.h>
#include <openssl/ui.h>
#include <unistd.h>

#include <array>
#include <span>
#include <string_view>

namespace noports::apps {
namespace {

// OpenSSL would fall back to stdin, which may be the data of a tunnel.
bool has_terminal() noexcept {
  const int fd = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return false;
  ::close(fd);
  return true;
}

constexpr int kInterrupted = -2;  // of UI_process

}  // namespace

Result<crypto::Secret> ask_secret(const std::string& question, Asked how) {
  if (!has_terminal()) {
    return fail(Errc::config, "there is no terminal to ask for it on");
  }
  std::array<char, 1024> typed{};
  std::array<char, 1024> again{};
  // Turns the echo off, and on again also when a signal ends it.
  const int status = UI_UTIL_read_pw(typed.data(), again.data(), static_cast<int>(typed.size()),
                                     question.c_str(), how == Asked::twice ? 1 : 0);
  crypto::Secret secret{std::string_view(typed.data())};
  crypto::wipe(std::as_writable_bytes(std::span(typed)));
  crypto::wipe(std::as_writable_bytes(std::span(again)));
  if (status == kInterrupted) return fail(Errc::cancelled, "interrupted at the question");
  if (status != 0) return fail(Errc::config, "what was typed cannot be used, or differs");
  if (secret.empty()) return fail(Errc::config, "nothing was typed");
  return secret;
}

}  // namespace noports::apps
