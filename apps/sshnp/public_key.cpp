// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/public_key.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "noports/base/text.hpp"
#include "noports/crypto/secret.hpp"

extern char** environ;

namespace noports::apps::sshnp {
namespace {

constexpr std::size_t kMostLine = 16'384;     // an RSA-16384 key's line has 2,800 bytes
constexpr std::size_t kMostPrivate = 65'536;  // its private file 13,000

// Nothing when the file cannot be opened.
std::optional<std::string> read(const std::filesystem::path& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<proto::SshPublicKey> parse(std::string_view line, const std::string& from) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  auto key = proto::SshPublicKey::parse(line);
  if (key) return *std::move(key);
  Error error(Errc::config, key.error().what());
  return fail(std::move(error).during("reading the public key " + printable(from)));
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto size = ::read(fd, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    if (text.size() < kMostLine) text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

// What the program prints on stdout; nothing when it fails.
std::optional<std::string> output_of(std::vector<std::string> argv) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, words.front(), &files, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  auto text = failed == 0 ? read_to_end(ends[0]) : std::string();
  ::close(ends[0]);
  if (failed != 0) return std::nullopt;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

// Of PEM and PKCS #8, whose public half lies under the passphrase too.
Result<proto::SshPublicKey> ask_keygen(const std::filesystem::path& identity) {
  const auto& path = identity.native();
  const auto line = output_of({"ssh-keygen", "-y", "-f", path});
  if (line) return parse(*line, path);
  return fail(Error(Errc::config, "ssh-keygen finds no key in it")
                  .during("reading the identity " + printable(path))
                  .hint("name a private key with -i, or make its public one with: ssh-keygen -y "
                        "-f " +
                        path + " > " + path + ".pub"));
}

}  // namespace

Result<proto::SshPublicKey> read_public_key(const std::filesystem::path& identity) {
  const auto path = identity.native() + ".pub";
  if (const auto line = read(path, kMostLine)) return parse(*line, path);
  auto text = read(identity, kMostPrivate);
  if (!text) {
    return fail(Error(Errc::config, "there is neither this file nor " + printable(path))
                    .during("reading the identity " + printable(identity.native()))
                    .hint("name a private key with -i, or make one with: ssh-keygen -t ed25519"));
  }
  auto key = proto::SshPublicKey::of_private_file(*text);
  crypto::wipe(*text);
  if (key) return *std::move(key);
  return ask_keygen(identity);
}

}  // namespace noports::apps::sshnp
