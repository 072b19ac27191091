// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/seen_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "noports/log/log.hpp"

namespace noports::daemon {
namespace {

constexpr std::size_t kMostBytes = 16'000'000;      // of a file; ours have 5 MB at most
constexpr std::size_t kLinesBeforeRewrite = 1'000;  // besides twice what is remembered

// All of a file that is not too large; errno otherwise.
std::optional<std::string> read_whole(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 65536> chunk;
  ssize_t n = 0;
  while (text.size() <= kMostBytes && (n = ::read(fd, chunk.data(), chunk.size())) > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(n));
  }
  const int code = n < 0 ? errno : EFBIG;
  ::close(fd);
  errno = code;
  if (n != 0) return std::nullopt;
  return text;
}

bool write_whole(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

SeenFile::SeenFile(std::filesystem::path file) : file_(std::move(file)) {
  load(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

SeenFile::~SeenFile() {
  if (fd_ >= 0) ::close(fd_);
}

void SeenFile::load(SeenSessions::Time now) {
  if (file_.empty()) return;
  const auto text = read_whole(file_);
  if (!text && errno != ENOENT) {
    log::warn("daemon",
              "the sessions of before the start are not known, so that their requests "
              "could be replayed",
              {{"file", file_.string()}, {"why", std::strerror(errno)}});
  }
  if (text) seen_ = SeenSessions::parse(*text, now);
  rewrite();
}

void SeenFile::rewrite() {
  auto beside = file_;
  beside += ".new";
  ::unlink(beside.c_str());
  const int fd =
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool is_written =
      fd >= 0 && write_whole(fd, seen_.text()) && ::rename(beside.c_str(), file_.c_str()) == 0;
  const int code = errno;
  if (!is_written) ::unlink(beside.c_str());
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  lines_ = seen_.size();
  if (!is_written) give_up("writing", code);
}

void SeenFile::append(const std::string& line) {
  if (fd_ < 0) return;
  if (!write_whole(fd_, line)) return give_up("adding", errno);
  if (++lines_ > kLinesBeforeRewrite + 2 * seen_.size()) rewrite();
}

void SeenFile::give_up(const char* doing, int code) {
  log::warn("daemon", "which sessions were served will not be known after a restart",
            {{"doing", doing}, {"file", file_.string()}, {"why", std::strerror(code)}});
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool SeenFile::remember(const proto::SessionId& session, SeenSessions::Time now) {
  if (!seen_.remember(session, now)) return false;
  append(SeenSessions::line(session, now));
  return true;
}

}  // namespace noports::daemon
