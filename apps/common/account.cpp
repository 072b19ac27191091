// SPDX-License-Identifier: BSD-3-Clause
#include "common/account.hpp"

#include <memory>
#include <utility>

#include "common/environment.hpp"
#include "noports/net/tls.hpp"

namespace noports::apps {

asio::awaitable<Result<atclient::Account>> open_account(
    at::Atsign self, KeyAccess access, atclient::Directory directory,
    std::optional<std::filesystem::path> ca_file) {
  auto keys = co_await load_keys(std::move(access), self);
  if (!keys) co_return fail(std::move(keys).error());
  auto trust = trust_from_environment();
  trust.extra_ca = std::move(ca_file);
  auto context = net::client_context(trust);
  if (!context) co_return fail(std::move(context).error());
  atclient::Account account{std::move(directory), *std::move(context), self,
                            std::make_shared<const keys::Keys>(*std::move(keys))};
  // Without a state folder each start asks the atDirectory.
  if (auto folder = state_folder()) account.address_book = *folder / "addresses";
  co_return account;
}

}  // namespace noports::apps
