// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;

Unexpected failed(const std::string& doing) {
  const int code = errno;
  return fail(Errc::io, doing + ": " + std::strerror(code));
}

// Closes at the end of its life.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::write(fd, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

// A rename is on disk when its folder is.
void sync_folder(const fs::path& folder) {
  const Fd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) ::fsync(fd.get());
}

}  // namespace

Result<void> ensure_private_folder(const fs::path& written) {
  std::error_code code;
  auto folder = written.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "dir/"
  const auto parent = folder.parent_path();
  if (!parent.empty()) fs::create_directories(parent, code);
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return failed("make the folder " + folder.string());
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return failed("look at " + folder.string());
  if (!S_ISDIR(status.st_mode)) return fail(Errc::config, folder.string() + " is no folder");
  if ((status.st_mode & 077) != 0) {
    return fail(Error(Errc::config, folder.string() + " is open to other users of this machine")
                    .hint("run chmod 700 " + folder.string()));
  }
  return {};
}

Result<void> write_whole(const fs::path& file, std::string_view bytes, unsigned int mode) {
  const fs::path beside = file.string() + ".new";
  ::unlink(beside.c_str());  // of a process that died here
  {
    const Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (fd.get() < 0) return failed("make " + beside.string());
    if (!write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0) {
      auto problem = failed("write " + beside.string());
      ::unlink(beside.c_str());
      return problem;
    }
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) return failed("make " + file.string());
  sync_folder(file.parent_path());
  return {};
}

Result<crypto::Secret> read_private(const fs::path& file, std::size_t most) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    return fail(Errc::config, file.string() + " cannot be read: " + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failed("look at " + file.string());
  if (!S_ISREG(status.st_mode)) return fail(Errc::config, file.string() + " is no regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(Error(Errc::config, file.string() + " is open to other users of this machine")
                    .hint("run chmod 600 " + file.string()));
  }
  if (status.st_size > static_cast<off_t>(most)) {
    return fail(Errc::config, file.string() + " is too long");
  }
  crypto::Secret bytes(static_cast<std::size_t>(status.st_size));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const auto got = ::read(fd.get(), bytes.writable().data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read " + file.string());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.truncate(size);
  return bytes;
}

Result<NewFile> NewFile::create(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST) {
    return fail(Error(Errc::config, file.string() + " exists already")
                    .hint("name another file, or move this one away"));
  }
  if (fd < 0) return failed("make " + file.string());
  return NewFile(fd, file);
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), file_(std::move(other.file_)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::unlink(file_.c_str());
  ::close(fd_);
}

Result<void> NewFile::append(std::string_view bytes) {
  if (!write_all(fd_, bytes)) return failed("write " + file_.string());
  return {};
}

Result<void> NewFile::finish() {
  if (::fsync(fd_) != 0) return failed("write " + file_.string());
  ::close(std::exchange(fd_, -1));
  sync_folder(file_.parent_path());
  return {};
}

Result<FileLock> FileLock::take(const fs::path& file, Patience patience) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed("open " + file.string());
  FileLock lock(fd);
  const int wanted = LOCK_EX | (patience == Patience::none ? LOCK_NB : 0);
  while (::flock(fd, wanted) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return fail(Errc::busy, file.string() + " is locked");
    return failed("lock " + file.string());
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace noports::atserver
