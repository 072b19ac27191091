// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/signing_keys.hpp"

#include <utility>

namespace noports::relay {

asio::awaitable<Result<SigningKeys::Keys>> SigningKeys::get(proto::SigningKeyUri record, bool fresh,
                                                            net::Deadline deadline) {
  const auto name = record.str();
  const auto known = found_.find(name);
  const bool is_good = known != found_.end() && Clock::now() < known->second.when + kMemory;
  if (is_good && !fresh) co_return known->second.keys;
  auto text = co_await mail_.get_public(record.owner(), record.key().name, deadline);
  if (!text) co_return fail(std::move(text).error().during("looking up " + name));
  auto keys = proto::decode_signing_keys(*text);
  if (!keys) co_return fail(std::move(keys).error().during("reading " + name));
  keep(name, *keys);
  co_return keys;
}

void SigningKeys::keep(const std::string& name, const Keys& keys) {
  const auto now = Clock::now();
  if (found_.size() >= kMost) {
    std::erase_if(found_, [now](const auto& one) { return one.second.when + kMemory < now; });
  }
  if (found_.size() >= kMost) found_.erase(found_.begin());
  Found found{keys, now};
  found_.insert_or_assign(name, std::move(found));
}

}  // namespace noports::relay
