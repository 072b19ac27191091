// SPDX-License-Identifier: BSD-3-Clause
#include "noports/signing/own_key.hpp"

#include <utility>

namespace noports::signing {

Result<OwnKey> own_key(const at::Atsign& self, const keys::Keys& keys) {
  auto record = proto::SigningKeyUri::of(self, keys.enrollment_id);
  if (!record) return fail(std::move(record).error());
  return OwnKey{*std::move(record), keys.pkam.public_key().text(), atclient::key_signer(keys.pkam)};
}

bool offers(std::string_view record, const std::string& public_key) {
  const auto keys = proto::decode_signing_keys(record);
  if (!keys) return false;
  const auto chosen =
      proto::choose_signing_key(*keys, proto::SigningAlgorithm::rsa2048, std::nullopt);
  return chosen && chosen->text() == public_key;
}

asio::awaitable<Result<void>> publish(atclient::Mailbox& mail, OwnKey key, net::Deadline deadline) {
  const auto name = key.record.key().name;
  auto there = co_await mail.get_public(mail.self(), name, deadline);
  if (there && offers(*there, key.public_key)) co_return Result<void>();
  const bool is_absent = there || there.error().code() == Errc::not_found;
  if (!is_absent) co_return fail(std::move(there).error());
  co_return co_await mail.put_public(name, key.public_key, deadline);
}

}  // namespace noports::signing
