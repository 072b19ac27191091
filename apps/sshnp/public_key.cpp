// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/public_key.hpp"

#include <fstream>
#include <string>
#include <utility>

namespace noports::apps::sshnp {

Result<proto::SshPublicKey> read_public_key(const std::filesystem::path& identity) {
  constexpr std::size_t kMost = 16'384;  // an RSA-16384 key's line has 2,800 bytes
  const auto path = identity.native() + ".pub";
  std::ifstream file(path, std::ios::binary);
  std::string line(kMost, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(file.gcount()));
  if (line.empty()) {
    return fail(Error(Errc::config, "reading the public key " + path + ": there is none")
                    .hint("make it with: ssh-keygen -y -f " + identity.native() + " > " + path));
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  auto key = proto::SshPublicKey::parse(line);
  if (!key) {
    Error error(Errc::config, key.error().what());
    return fail(std::move(error).during("reading the public key " + path));
  }
  return *std::move(key);
}

}  // namespace noports::apps::sshnp
