// SPDX-License-Identifier: BSD-3-Clause
#include "common/terminal.hpp"

#include <fcntl.h>
#include <openssl/ui.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
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

class Terminal {  // or what stands in for it
 public:
  Terminal() : fd_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {}
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (fd_ >= 0) ::close(fd_);
  }

  void say(std::string_view text) const {
    const int fd = fd_ >= 0 ? fd_ : STDERR_FILENO;
    while (!text.empty()) {
      const auto size = ::write(fd, text.data(), text.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  // Byte by byte: what follows the line is not ours.
  std::optional<char> next() const {
    const int fd = fd_ >= 0 ? fd_ : STDIN_FILENO;
    for (;;) {
      char c = 0;
      const auto size = ::read(fd, &c, 1);
      if (size == 1) return c;
      if (size == 0 || errno != EINTR) return std::nullopt;
    }
  }

 private:
  int fd_;
};

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

Result<crypto::Secret> ask_line(const std::string& question) {
  constexpr std::size_t kLongest = 255;
  const Terminal terminal;
  terminal.say(question);
  std::string line;
  line.reserve(kLongest + 1);  // so that no copy stays behind
  bool is_whole = false;
  for (auto c = terminal.next(); c && line.size() <= kLongest; c = terminal.next()) {
    is_whole = *c == '\n';
    if (is_whole) break;
    line += *c;
  }
  crypto::Secret typed{std::string_view(line)};
  const bool is_long = line.size() > kLongest;
  crypto::wipe(line);
  if (is_long) return fail(Errc::config, "what was typed is too long");
  if (!is_whole && typed.empty()) return fail(Errc::config, "nobody has typed anything");
  return typed;
}

}  // namespace noports::apps
