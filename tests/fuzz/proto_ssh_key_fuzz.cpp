// SPDX-License-Identifier: BSD-3-Clause
// A key that parses is one line that parses to itself; adding it twice is adding it once, and no
// line that was there is changed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/ssh_key.hpp"

using namespace noports;

namespace {

constexpr std::string_view kKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2Ks8ZNebsmMWTRF3OaCeZHKrGPvZyqR3zATpHjKPAe";

void check_file(std::string_view file) {
  const auto key = proto::SshPublicKey::parse(kKey);
  const auto once = proto::add_to_authorized_keys(file, *key, "", "@a");
  if (!once || !once->starts_with(file)) std::abort();
  const auto twice = proto::add_to_authorized_keys(*once, *key, "", "@a");
  if (!twice || *twice != *once) std::abort();
}

void check_permissions(std::string_view permissions) {
  const auto key = proto::SshPublicKey::parse(kKey);
  const auto file = proto::add_to_authorized_keys("", *key, permissions, "@a");
  if (file && file->find('\n') != file->size() - 1) std::abort();
  const auto again = proto::add_to_authorized_keys(file ? *file : "", *key, "", "@a");
  if (file && (!again || *again != *file)) std::abort();  // the line lets the key in
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = proto::SshPublicKey::parse(text)) {
    const auto again = proto::SshPublicKey::parse(key->str());
    if (!again || again->str() != key->str()) std::abort();
    if (key->str().find_first_of("\r\n\t") != std::string::npos) std::abort();
  }
  check_file(text);
  check_permissions(text);
  return 0;
}
