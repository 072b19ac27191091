// SPDX-License-Identifier: BSD-3-Clause
#include "common/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/environment.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::apps {
namespace {

std::string holder_of(int fd) {
  std::array<char, 32> text{};
  const auto n = ::pread(fd, text.data(), text.size(), 0);
  const auto words = trim(std::string_view(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0));
  return parse_number(words) ? "process " + std::string(words) : "another process";
}

void sign(int fd) {
  const auto text = std::to_string(::getpid()) + "\n";
  // Only for the sentence that a second one says.
  [[maybe_unused]] const bool is_signed =
      ::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) > 0;
}

}  // namespace

InstanceLock::InstanceLock(InstanceLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

InstanceLock::~InstanceLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<InstanceLock> InstanceLock::take(const std::string& name) {
  const auto folder = state_folder();
  if (!folder) {
    log::warn("service", "a second service of this name would not be noticed",
              {{"why", folder.error().what()}});
    return InstanceLock(-1);
  }
  const auto file = *folder / (name + ".lock");
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    log::warn("service", "a second service of this name would not be noticed",
              {{"file", file.string()}, {"why", std::strerror(errno)}});
    return InstanceLock(-1);
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
    sign(fd);
    return InstanceLock(fd);
  }
  const auto holder = holder_of(fd);
  ::close(fd);
  return fail(Error(Errc::busy, name + " runs already: " + holder)
                  .hint("stop that one first, or give this one another name"));
}

}  // namespace noports::apps
