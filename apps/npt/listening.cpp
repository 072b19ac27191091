// SPDX-License-Identifier: BSD-3-Clause
#include "npt/listening.hpp"

#include <optional>
#include <utility>

#include "noports/net/tcp.hpp"

namespace noports::apps::npt {

Result<Listening> listen_on(asio::any_io_executor executor, const std::vector<std::string>& hosts,
                            std::uint16_t port) {
  std::optional<Error> last;
  for (const auto& host : hosts) {
    auto opened = bridge::LocalListener::open(executor, host, port);
    if (!opened) {
      last = std::move(opened).error();
      continue;
    }
    auto text = net::endpoint_text(host, opened->port());
    return Listening{*std::move(opened), std::move(text)};
  }
  return fail(*std::move(last));
}

}  // namespace noports::apps::npt
