// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/carry.hpp"

#include <optional>

#include "noports/base/finally.hpp"
#include "noports/bridge/streams.hpp"

namespace noports::bridge {

asio::awaitable<Result<Summary>> carry(net::Poller& poller, End end, Side ours, Side relay,
                                       CodecPair codecs, Summary* moved) {
  std::optional<Error> wrong;
  Streams streams(poller, end, Streams::Carries::one,
                  [&wrong](const Error& error) { wrong = error; });
  streams.add(std::move(ours), std::move(relay), std::move(codecs));
  const Finally ended([&] {
    if (moved) *moved = streams.summary();
  });
  co_await streams.until_none();
  if (wrong) co_return fail(*std::move(wrong));
  co_return streams.summary();
}

}  // namespace noports::bridge
