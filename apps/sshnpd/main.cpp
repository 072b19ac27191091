// SPDX-License-Identifier: BSD-3-Clause
// sshnpd: the device's daemon.
#include <asio/this_coro.hpp>
#include <utility>

#include "common/account.hpp"
#include "common/bookmark.hpp"
#include "common/environment.hpp"
#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/atclient/signer.hpp"
#include "noports/daemon/daemon.hpp"
#include "noports/net/poller.hpp"
#include "sshnpd/options.hpp"

using namespace noports;

namespace {

Result<daemon::Options> daemon_options(const apps::sshnpd::Options& options) {
  auto home = apps::home_folder();
  if (!home) return fail(std::move(home).error());
  auto user = apps::user_name();
  if (!user) return fail(std::move(user).error());
  daemon::Options made{*options.device};
  made.device_group = options.device_group;
  made.rules.managers = options.managers;
  made.rules.permit = options.permit;
  made.rules.accepts_public_keys = options.accepts_public_keys;
  made.ssh_port = options.ssh_port;
  made.hide = options.hide;
  made.user = *std::move(user);
  made.authorized_keys = *home / ".ssh" / "authorized_keys";
  made.key_permissions = options.key_permissions;
  return made;
}

asio::awaitable<Result<int>> serve(atclient::Client& client, const keys::Keys& keys,
                                   daemon::Options options) {
  const auto executor = co_await asio::this_coro::executor;
  net::Poller poller(executor);
  const auto signer = atclient::key_signer(keys.encryption);
  auto enrolment = signing::own_key(client.self(), keys);
  if (enrolment) options.enrolment = *std::move(enrolment);
  daemon::Daemon device(executor, client, poller, *signer, std::move(options));
  auto ended = co_await device.run();
  if (!ended) co_return fail(std::move(ended).error());
  co_return 0;
}

asio::awaitable<Result<int>> be_device(const apps::sshnpd::Options& options,
                                       atclient::Account account) {
  auto wanted = daemon_options(options);
  if (!wanted) co_return fail(std::move(wanted).error());
  const auto keys = account.keys;
  apps::Bookmark bookmark("sshnpd-" + options.atsign->str() + "-" + options.device->str());
  account.resume_from = bookmark.load();
  wanted->on_taken = [&](std::int64_t time) { bookmark.save(time); };
  auto client = co_await apps::connect_patiently(std::move(account));
  if (!client) co_return fail(std::move(client).error());
  std::function<asio::awaitable<void>()> close = [&] { return (*client)->close(); };
  co_return co_await apps::finally(serve(**client, *keys, *std::move(wanted)), std::move(close));
}

asio::awaitable<Result<int>> sshnpd(const apps::sshnpd::Options& options) {
  apps::Identity who{*options.atsign, options.key_access, options.directory, options.ca_file};
  return apps::serve_as(std::move(who), [&options](atclient::Account account) {
    return be_device(options, std::move(account));
  });
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  apps::sshnpd::Options options;
  if (const auto status = apps::begin(apps::sshnpd::describe(options), argc, argv)) return *status;
  if (auto usable = apps::sshnpd::complete(options); !usable) {
    return apps::report("sshnpd", usable.error());
  }
  if (auto found = apps::find_passphrase(options.key_access, *options.atsign); !found) {
    return apps::report("sshnpd", found.error());
  }
  apps::log_as_service();
  apps::raise_descriptor_limit();
  return apps::run("sshnpd", [&] { return sshnpd(options); });
}
