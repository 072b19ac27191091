// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/signing_keys.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/base/finally.hpp"
#include "noports/net/offload.hpp"

namespace noports::atserver {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

std::string private_name(const Account& account) {
  return account.atsign.str() + ":signing_privatekey" + account.atsign.str();
}

}  // namespace

SigningKeys::SigningKeys(Services& services, asio::any_io_executor executor)
    : services_(services), made_(std::move(executor), asio::steady_timer::time_point::max()) {}

asio::awaitable<Result<crypto::PrivateKey>> SigningKeys::of(Account account) {
  while (being_made_.contains(account.id)) {
    const auto [code] = co_await made_.async_wait(kTuple);
    static_cast<void>(code);
    co_await net::checkpoint();
  }
  if (auto known = find(account)) co_return *std::move(known);
  being_made_.insert(account.id);  // nobody else makes it meanwhile
  const Finally made([this, account] {
    being_made_.erase(account.id);
    made_.cancel();
  });
  auto pair = co_await net::offload<crypto::PrivateKey>(crypto::PrivateKey::generate);
  if (!pair) co_return fail(std::move(pair).error());
  if (auto kept = keep(account, *pair); !kept) co_return fail(std::move(kept).error());
  co_return pair;
}

std::optional<crypto::PrivateKey> SigningKeys::find(const Account& account) {
  Database::Scope scope(services_.store->database());
  auto record = services_.store->records.find(account.id, private_name(account));
  if (!scope.finish() || !record) return std::nullopt;
  auto key = crypto::PrivateKey::parse(record->value);
  crypto::wipe(record->value);
  if (!key) return std::nullopt;
  return *std::move(key);
}

Result<void> SigningKeys::keep(const Account& account, const crypto::PrivateKey& pair) {
  Database::Scope scope(services_.store->database());
  const auto put = [&](std::string name, std::string value) {
    Record record;
    record.key = std::move(name);
    record.value = std::move(value);
    record.created = record.updated = wall_clock();
    services_.store->records.put(account.id, record);
    crypto::wipe(record.value);
  };
  put(signing_key(account.atsign).str(), pair.public_key().text());
  put(private_name(account), std::string(pair.text().text()));
  put("privatekey:signing_keypair_generated", "true");
  auto kept = scope.finish();
  services_.commits->after([](bool) {});
  return kept;
}

}  // namespace noports::atserver
