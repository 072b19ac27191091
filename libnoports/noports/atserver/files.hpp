// SPDX-License-Identifier: BSD-3-Clause
// The platform's folder: private, and each of its files is there whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

// Makes the folder (0700) and its parents. config when it exists and others can look into it.
Result<void> ensure_private_folder(const std::filesystem::path& folder);

// Writes beside, then renames; on disk when it returns. `mode` is 0600 or 0644.
Result<void> write_whole(const std::filesystem::path& file, std::string_view bytes,
                         unsigned int mode);

// The whole of a file that only its user may read, as key files are; at most `most` bytes. config
// when there is none, or it is open to others.
Result<crypto::Secret> read_private(const std::filesystem::path& file, std::size_t most);

// A file that is made here and nowhere else, 0600; without finish() it is gone again.
class NewFile {
 public:
  // config when there is something of that name.
  static Result<NewFile> create(const std::filesystem::path& file);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Result<void> append(std::string_view bytes);
  Result<void> finish();  // on disk

 private:
  NewFile(int fd, std::filesystem::path file) : fd_(fd), file_(std::move(file)) {}
  int fd_;
  std::filesystem::path file_;
};

// An advisory lock on a file of its own, held until destruction or the end of the process.
class FileLock {
 public:
  enum class Patience { wait, none };
  // busy when somebody else holds it and we do not wait.
  static Result<FileLock> take(const std::filesystem::path& file, Patience patience);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace noports::atserver
