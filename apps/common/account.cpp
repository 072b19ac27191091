// SPDX-License-Identifier: BSD-3-Clause
#include "common/account.hpp"

#include <memory>
#include <utility>

#include "common/environment.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/tls.hpp"

namespace noports::apps {

Result<atclient::Account> open_account(const at::Atsign& self,
                                       const std::optional<std::filesystem::path>& key_file,
                                       const atclient::Directory& directory,
                                       const std::optional<std::filesystem::path>& ca_file) {
  std::filesystem::path path;
  if (key_file) {
    path = *key_file;
  } else {
    auto home = home_folder();
    if (!home) return fail(std::move(home).error());
    path = keys::default_path(*home, self);
  }
  auto keys = keys::load(path, self);
  if (!keys) return fail(std::move(keys).error());
  auto trust = trust_from_environment();
  trust.extra_ca = ca_file;
  auto context = net::client_context(trust);
  if (!context) return fail(std::move(context).error());
  atclient::Account account{directory, *std::move(context), self,
                            std::make_shared<const keys::Keys>(*std::move(keys))};
  // Without a state folder each start asks the atDirectory.
  if (auto folder = state_folder()) account.address_book = *folder / "addresses";
  return account;
}

}  // namespace noports::apps
