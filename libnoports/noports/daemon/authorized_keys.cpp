// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/authorized_keys.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace noports::daemon {
namespace {

namespace fs = std::filesystem;

// Far beyond what sshd would read in reasonable time.
constexpr std::size_t kMostBytes = 4 << 20;
// Other writers take milliseconds; 5 s is somebody who will not let go.
constexpr int kLockTries = 100;
constexpr int kLockPause = 50;  // ms

Error io_error(const fs::path& path, std::string_view doing) {
  return Error(Errc::io, std::string(doing) + " " + path.string() + ": " + std::strerror(errno));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

Result<std::string> read_all(const File& file, const fs::path& path) {
  std::string text;
  char chunk[4096];
  for (;;) {
    const auto got = ::read(file.fd(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(io_error(path, "reading"));
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) {
      return fail(Errc::config, path.string() + " is larger than 4 MiB");
    }
  }
}

Result<void> write_all(const File& file, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const auto wrote = ::write(file.fd(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(io_error(path, "writing"));
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (::fsync(file.fd()) != 0) return fail(io_error(path, "writing"));
  return {};
}

// Beside the old file, with its owner and mode, then in its place.
Result<void> replace(const fs::path& path, std::string_view text, const struct stat& old) {
  std::string beside = path.string() + ".noports." + std::string(6, 'X');
  const File file(::mkostemp(beside.data(), O_CLOEXEC));  // made 0600
  if (!file) return fail(io_error(beside, "creating"));
  auto written = write_all(file, text, beside);
  if (written && ::fchmod(file.fd(), old.st_mode & 07777) != 0) {
    written = fail(io_error(beside, "setting the mode of"));
  }
  const bool other_owner = old.st_uid != ::geteuid() || old.st_gid != ::getegid();
  if (written && other_owner && ::fchown(file.fd(), old.st_uid, old.st_gid) != 0) {
    written = fail(io_error(beside, "setting the owner of"));
  }
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = fail(io_error(path, "replacing"));
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

}  // namespace

Result<void> share_key(const fs::path& file, const proto::SshPublicKey& key,
                       std::string_view permissions, const at::Atsign& from) {
  std::error_code ignored;
  if (fs::create_directory(file.parent_path(), ignored)) {
    fs::permissions(file.parent_path(), fs::perms::owner_all, ignored);
  }
  const auto resolved = fs::canonical(file, ignored);
  const fs::path path = resolved.empty() ? file : resolved;

  // The folder is what is locked: a file that is replaced cannot carry a lock.
  const fs::path folder = path.parent_path();
  const File lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return fail(io_error(folder, "opening"));
  for (int tries = 0; ::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(io_error(folder, "locking"));
    if (tries == kLockTries) return fail(io_error(folder, "waiting for the lock on"));
    ::poll(nullptr, 0, kLockPause);
  }

  const File current(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!current) return fail(io_error(path, "opening"));
  struct stat old {};
  if (::fstat(current.fd(), &old) != 0) return fail(io_error(path, "looking at"));
  auto text = read_all(current, path);
  if (!text) return fail(std::move(text).error());

  auto wanted = proto::add_to_authorized_keys(*text, key, permissions, from.str());
  if (!wanted) return fail(std::move(wanted).error());
  if (*wanted == *text) return {};
  return replace(path, *wanted, old);
}

}  // namespace noports::daemon
