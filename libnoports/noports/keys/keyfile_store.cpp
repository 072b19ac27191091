// SPDX-License-Identifier: BSD-3-Clause
// Where a key file lies and how it gets there. Its text: keyfile.cpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/random.hpp"
#include "noports/keys/keyfile.hpp"

namespace noports::keys {
namespace {

using crypto::Secret;
using Path = std::filesystem::path;

constexpr std::size_t kSaltSize = 16;  // bytes, of the form v1 (1.7)

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

// What errno says, with `code` its value right after the call.
Unexpected os_failure(int code) {
  const auto why = std::error_code(code, std::generic_category()).message();
  const bool forbidden = code == EACCES || code == EPERM || code == EROFS;
  return fail(forbidden ? Errc::busy : Errc::io, why);
}

// A word for a shell, quoted only where it must be.
std::string shell_word(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("/@._-+=:,%").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// --- load -------------------------------------------------------------------

Result<void> check_file(const struct ::stat& status, const Path& path, bool accept_open) {
  if (S_ISDIR(status.st_mode)) return fail(Errc::config, "it is a directory");
  if (!S_ISREG(status.st_mode)) return fail(Errc::config, "it is no regular file");
  if (!accept_open && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(Error(Errc::config, "group or others may read or change it")
                    .hint("run: chmod 600 " + shell_word(path.string())));
  }
  if (status.st_size == 0) return fail(Errc::config, "it is empty");
  if (static_cast<std::uintmax_t>(status.st_size) > kMaxKeyFile) {
    return fail(Errc::config, "it is longer than 1 MiB, so it is no key file");
  }
  return {};
}

// As many bytes as there are, up to the size of `room`.
Result<std::size_t> read_some(int fd, std::span<std::byte> room) {
  std::size_t size = 0;
  while (size < room.size()) {
    const auto count = ::read(fd, room.data() + size, room.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return os_failure(errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size;
}

Result<Secret> read_file(const Path& path, const at::Atsign& owner, bool accept_open) {
  // Without O_NONBLOCK a named pipe in its place would hang us.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) {
    return fail(
        Error(Errc::not_set_up, "there is no such file")
            .hint("run: at_activate onboard -a " + owner.str() + ", or copy the key file there"));
  }
  if (!file) return os_failure(errno);
  struct ::stat status {};
  if (::fstat(file.get(), &status) != 0) return os_failure(errno);
  if (auto good = check_file(status, path, accept_open); !good) {
    return fail(std::move(good).error());
  }

  Secret text(static_cast<std::size_t>(status.st_size));
  auto size = read_some(file.get(), text.writable());
  if (!size) return fail(std::move(size).error());
  text.truncate(*size);
  return text;
}

// --- save -------------------------------------------------------------------

// Makes what was written to a folder or file survive a loss of power.
Result<void> sync(int fd) { return ::fsync(fd) == 0 ? Result<void>() : os_failure(errno); }

Result<void> sync_folder(const Path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  return fd ? sync(fd.get()) : os_failure(errno);
}

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : "."; }

// The folder and those above it that are missing, for us alone.
Result<void> make_folder(const Path& folder) {
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) return {};
  if (folder.has_relative_path() && folder_of(folder) != folder) {
    if (auto above = make_folder(folder_of(folder)); !above) return above;
  }
  if (::mkdir(folder.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST && std::filesystem::is_directory(folder, ignored)) return {};
    return os_failure(errno == EEXIST ? ENOTDIR : errno);
  }
  if (::chmod(folder.c_str(), S_IRWXU) != 0) return os_failure(errno);  // the umask may take more
  return sync_folder(folder_of(folder));
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return os_failure(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

// A new file that is gone again at the end of the scope.
class Temporary {
 public:
  explicit Temporary(const Path& folder)
      : path_(folder / (".noports-" + crypto::random_nonce())),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     S_IRUSR | S_IWUSR)),
        problem_(file_ ? 0 : errno) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (file_) ::unlink(path_.c_str());
  }

  Result<void> fill(const Secret& text) {
    if (!file_) return os_failure(problem_);
    if (::fchmod(file_.get(), S_IRUSR | S_IWUSR) != 0) return os_failure(errno);
    if (auto written = write_all(file_.get(), text.bytes()); !written) return written;
    return sync(file_.get());
  }

  // Gives the file a second name, unless somebody else has it: unlike rename, link replaces
  // nothing.
  Result<void> link_to(const Path& name) {
    if (::link(path_.c_str(), name.c_str()) == 0) return {};
    if (errno != EEXIST) return os_failure(errno);
    return fail(Error(Errc::busy, "the file exists already")
                    .hint("move it to a safe place first, or choose another file"));
  }

  // Takes the name, whoever has it.
  Result<void> move_to(const Path& name) {
    return ::rename(path_.c_str(), name.c_str()) == 0 ? Result<void>() : os_failure(errno);
  }

 private:
  Path path_;
  Descriptor file_;
  int problem_;
};

Result<void> put(const Secret& text, const Path& path, bool replace) {
  if (!path.has_filename()) return fail(Errc::config, "the path has no file name");
  const Path folder = folder_of(path);
  if (auto made = make_folder(folder); !made) {
    return fail(std::move(made).error().during("making its folder"));
  }
  {
    Temporary file(folder);
    if (auto filled = file.fill(text); !filled) return filled;
    auto named = replace ? file.move_to(path) : file.link_to(path);
    if (!named) return named;
  }
  return sync_folder(folder);
}

// The text as it is, or in its envelope.
Result<Secret> wrapped(Secret text, const Saving& how) {
  if (how.passphrase == nullptr) return text;
  auto envelope = seal(text, *how.passphrase, how.form, crypto::random_bytes(crypto::kAesIvSize),
                       crypto::random_bytes(kSaltSize));
  if (!envelope) return fail(std::move(envelope).error());
  return Secret(encode(*envelope));
}

Result<void> put_keys(Secret plain, const Path& path, const Saving& how) {
  auto text = wrapped(std::move(plain), how);
  if (!text) return fail(std::move(text).error());
  return put(*text, path, how.replace);
}

}  // namespace

Path default_path(const Path& home, const at::Atsign& owner) {
  return home / ".atsign" / "keys" / (owner.str() + "_key.atKeys");
}

Result<Keys> load(const Path& path, const at::Atsign& owner, const Loading& how) {
  const auto doing = "reading the keys of " + owner.str() + " from " + path.string();
  auto text = read_file(path, owner, how.accept_open_permissions);
  if (!text) return fail(std::move(text).error().during(doing));
  auto keys = decode(text->text(), owner, how.passphrase);
  if (keys) return keys;
  // Short of memory is no fault of the file.
  if (keys.error().code() == Errc::busy) return fail(std::move(keys).error().during(doing));
  // To the user a wrong file is a matter of configuration, whatever is wrong with it.
  return fail(Error(Errc::config, keys.error().what()).during(doing));
}

Result<bool> is_under_passphrase(const Path& path, const at::Atsign& owner, const Loading& how) {
  auto text = read_file(path, owner, how.accept_open_permissions);
  if (!text) {
    return fail(std::move(text).error().during("reading the keys of " + owner.str() + " from " +
                                               path.string()));
  }
  return is_under_passphrase(text->text());
}

Result<Secret> load_private(const Path& path, const at::Atsign& owner) {
  return read_file(path, owner, /*accept_open=*/false);
}

Result<void> save_private(const Secret& text, const Path& path, bool replace) {
  return put(text, path, replace);
}

Result<void> save(const Keys& keys, const at::Atsign& owner, const Path& path, const Saving& how) {
  auto saved = put_keys(encode(keys, owner), path, how);
  if (saved) return saved;
  return fail(std::move(saved).error().during("writing the keys of " + owner.str() + " to " +
                                              path.string()));
}

}  // namespace noports::keys
