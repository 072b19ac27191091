// SPDX-License-Identifier: BSD-3-Clause
#include "common/environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <span>
#include <system_error>

namespace noports::apps {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

}  // namespace

Result<std::filesystem::path> home_folder() {
  if (auto home = variable("HOME")) return std::filesystem::path(*std::move(home));
  const auto* entry = ::getpwuid(::getuid());
  if (entry == nullptr || entry->pw_dir == nullptr || *entry->pw_dir == '\0') {
    return fail(Error(Errc::config, "finding the home folder: HOME is not set").hint("set HOME"));
  }
  return std::filesystem::path(entry->pw_dir);
}

Result<std::string> user_name() {
  const auto* entry = ::getpwuid(::getuid());
  if (entry == nullptr || entry->pw_name == nullptr || *entry->pw_name == '\0') {
    return fail(Errc::config, "finding the user's name: user " + std::to_string(::getuid()) +
                                  " is not in the password database");
  }
  return std::string(entry->pw_name);
}

net::Trust trust_from_environment() {
  net::Trust trust;
  if (auto file = variable("SSL_CERT_FILE")) trust.cert_file = *std::move(file);
  if (auto folder = variable("SSL_CERT_DIR")) trust.cert_dir = *std::move(folder);
  return trust;
}

std::optional<crypto::Secret> take_from_environment(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  const std::span<char> bytes(value, std::strlen(value));
  crypto::Secret secret(std::string_view(bytes.data(), bytes.size()));
  crypto::wipe(std::as_writable_bytes(bytes));  // where the kernel shows it, too
  ::unsetenv(name);
  if (secret.empty()) return std::nullopt;
  return secret;
}

std::optional<std::filesystem::path> config_from_environment(const char* name) {
  if (auto file = variable(name)) return std::filesystem::path(*std::move(file));
  return std::nullopt;
}

Result<std::filesystem::path> state_folder() {
  std::filesystem::path base;
  if (auto set = variable("XDG_STATE_HOME"); set && set->front() == '/') {
    base = *std::move(set);
  } else {
    auto home = home_folder();
    if (!home) return fail(std::move(home).error());
    base = *home / ".local" / "state";
  }
  const auto folder = base / "noports";
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  if (failed) {
    return fail(Errc::io, "making the folder " + folder.string() + ": " + failed.message());
  }
  return folder;
}

}  // namespace noports::apps
