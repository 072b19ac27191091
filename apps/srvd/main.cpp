// SPDX-License-Identifier: BSD-3-Clause
// srvd: the relay.
#include <asio/this_coro.hpp>

#include "common/account.hpp"
#include "common/bookmark.hpp"
#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/poller.hpp"
#include "noports/relay/relay.hpp"
#include "srvd/options.hpp"

using namespace noports;

namespace {

// Of the descriptors two for each pair, less what log-in, listeners and sockets at the door need.
constexpr std::size_t kReserve = 256;

asio::awaitable<Result<int>> serve(atclient::Client& client, const apps::srvd::Options& options,
                                   apps::Bookmark& bookmark) {
  const auto executor = co_await asio::this_coro::executor;
  net::Poller poller(executor);
  bridge::Pumps pumps(poller);
  relay::Options relay_options;
  relay_options.address = options.address;
  relay_options.bind_address = options.bind;
  relay_options.rules.manager = options.manager;
  relay_options.limits.detection = options.detection;
  if (options.has_single_port) {
    relay_options.one_port =
        relay::Options::OnePort{options.single_port_bound, options.single_port_told};
  }
  const auto descriptors = apps::raise_descriptor_limit();
  relay_options.limits.all_pairs =
      descriptors > 2 * kReserve ? (descriptors - kReserve) / 3 : kReserve / 4;
  relay_options.on_taken = [&](std::int64_t time) { bookmark.save(time); };
  relay::Relay relay(executor, client, pumps, std::move(relay_options));
  auto ended = co_await relay.run();
  if (!ended) co_return fail(std::move(ended).error());
  co_return 0;
}

asio::awaitable<Result<int>> be_relay(const apps::srvd::Options& options,
                                      atclient::Account account) {
  apps::Bookmark bookmark("srvd-" + options.atsign->str());
  account.resume_from = bookmark.load();
  auto client = co_await apps::connect_patiently(std::move(account));
  if (!client) co_return fail(std::move(client).error());
  std::function<asio::awaitable<void>()> close = [&] { return (*client)->close(); };
  co_return co_await apps::finally(serve(**client, options, bookmark), std::move(close));
}

asio::awaitable<Result<int>> srvd(const apps::srvd::Options& options) {
  apps::Identity who{*options.atsign, options.key_access, options.directory, options.ca_file};
  return apps::serve_as(std::move(who), [&options](atclient::Account account) {
    return be_relay(options, std::move(account));
  });
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  apps::srvd::Options options;
  if (const auto status = apps::begin(apps::srvd::describe(options), argc, argv)) return *status;
  if (auto found = apps::find_passphrase(options.key_access, *options.atsign); !found) {
    return apps::report("srvd", found.error());
  }
  apps::log_as_service();
  return apps::run("srvd", [&] { return srvd(options); });
}
