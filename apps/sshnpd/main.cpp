// SPDX-License-Identifier: BSD-3-Clause
// sshnpd: the device's daemon.
#include <asio/this_coro.hpp>
#include <iostream>
#include <utility>

#include "common/account.hpp"
#include "common/bookmark.hpp"
#include "common/environment.hpp"
#include "common/instance_lock.hpp"
#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/atclient/signer.hpp"
#include "noports/daemon/daemon.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/signals.hpp"
#include "noports/net/task_group.hpp"
#include "sshnpd/config.hpp"
#include "sshnpd/options.hpp"

using namespace noports;

namespace {

// What the command line said, without secrets, so that the file below it can be read again.
struct Configured {
  std::vector<std::string> args;
  apps::sshnpd::Options options;
};

daemon::Rules rules_of(const apps::sshnpd::Options& options) {
  daemon::Rules rules;
  rules.managers = options.managers;
  rules.policy = options.policy;
  rules.permit = options.permit;
  rules.accepts_public_keys = options.accepts_public_keys;
  return rules;
}

std::string service_name(const apps::sshnpd::Options& options) {
  return "sshnpd-" + options.atsign->str() + "-" + options.device->str();
}

// Empty, and said, where there is no folder to keep anything in.
std::filesystem::path state_file(const std::string& name) {
  const auto folder = apps::state_folder();
  if (folder) return *folder / name;
  log::warn("service", "cannot keep which sessions were served", {{"why", folder.error().what()}});
  return {};
}

Result<daemon::Options> daemon_options(const apps::sshnpd::Options& options) {
  auto home = apps::home_folder();
  if (!home) return fail(std::move(home).error());
  auto user = apps::user_name();
  if (!user) return fail(std::move(user).error());
  daemon::Options made{*options.device};
  made.device_group = options.device_group;
  made.rules = rules_of(options);
  made.ssh_port = options.ssh_port;
  made.hide = options.hide;
  made.user = *std::move(user);
  made.authorized_keys = *home / ".ssh" / "authorized_keys";
  made.key_permissions = options.key_permissions;
  made.seen_sessions = state_file(service_name(options) + ".sessions");
  return made;
}

// The rules that are in force stay when the file cannot be used.
void reload(daemon::Daemon& device, Configured& configured) {
  const auto others = apps::sshnpd::reload(configured.args, configured.options);
  if (!others) {
    log::error("service", "the configuration is left as it was", {{"why", others.error().what()}});
    return;
  }
  for (const auto& key : *others) log::warn("service", "a change needs a restart", {{"key", key}});
  device.apply(rules_of(configured.options));
  log::info("service", "the configuration is read again");
}

asio::awaitable<void> reload_on_hangup(net::Hangups& hangups, daemon::Daemon& device,
                                       Configured& configured) {
  for (;;) {
    auto due = co_await hangups.next();
    if (!due) co_return;
    reload(device, configured);
  }
}

asio::awaitable<Result<int>> serve(atclient::Client& client, const keys::Keys& keys,
                                   Configured& configured, net::Hangups& hangups,
                                   daemon::Options options) {
  const auto executor = co_await asio::this_coro::executor;
  net::Poller poller(executor);
  const auto signer = atclient::key_signer(keys.encryption);
  auto enrolment = signing::own_key(client.self(), keys);
  if (enrolment) options.enrolment = *std::move(enrolment);
  daemon::Daemon device(executor, client, poller, *signer, std::move(options));
  net::TaskGroup beside(executor, log::escapes("service"));
  beside.spawn(reload_on_hangup(hangups, device, configured));
  auto ended = co_await net::scoped(beside, device.run());
  if (!ended) co_return fail(std::move(ended).error());
  co_return 0;
}

asio::awaitable<Result<int>> be_device(Configured& configured, net::Hangups& hangups,
                                       atclient::Account account) {
  auto wanted = daemon_options(configured.options);
  if (!wanted) co_return fail(std::move(wanted).error());
  const auto keys = account.keys;
  apps::Bookmark bookmark(service_name(configured.options));
  account.resume_from = bookmark.load();
  wanted->on_taken = [&](std::int64_t time) { bookmark.save(time); };
  auto client = co_await apps::connect_patiently(std::move(account));
  if (!client) co_return fail(std::move(client).error());
  std::function<asio::awaitable<void>()> close = [&] { return (*client)->close(); };
  co_return co_await apps::finally(serve(**client, *keys, configured, hangups, *std::move(wanted)),
                                   std::move(close));
}

asio::awaitable<Result<int>> sshnpd(Configured& configured) {
  // From here on SIGHUP does not end the process.
  net::Hangups hangups(co_await asio::this_coro::executor);
  const auto& options = configured.options;
  apps::Identity who{*options.atsign, options.key_access, options.directory, options.ca_file};
  apps::Work work = [&](atclient::Account account) {
    return be_device(configured, hangups, std::move(account));
  };
  co_return co_await apps::serve_as(std::move(who), std::move(work));
}

int print_config(const apps::sshnpd::Options& options) {
  if (options.prints_config) {
    std::cout << apps::sshnpd::to_yaml(options);
  } else {
    std::cout << "the configuration can be used\n";
  }
  return std::cout.flush().good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  std::vector<std::string> typed(argv + (argc > 0 ? 1 : 0), argv + argc);
  apps::sshnpd::Options scratch;  // tells wrong command lines and --help; wipes argv
  if (const auto status = apps::begin(apps::sshnpd::describe(scratch), argc, argv)) return *status;
  auto options = apps::sshnpd::load(typed);
  if (!options) return apps::report("sshnpd", options.error());
  if (options->prints_config || options->checks_config) return print_config(*options);
  auto lock = apps::InstanceLock::take(service_name(*options));
  if (!lock) return apps::report("sshnpd", lock.error());
  if (auto found = apps::find_passphrase(options->key_access, *options->atsign); !found) {
    return apps::report("sshnpd", found.error());
  }
  for (const auto& name : options->without_effect) {
    log::warn("service", "an option has no effect", {{"option", name}});
  }
  Configured configured{apps::sshnpd::without_secrets(typed), *std::move(options)};
  for (auto& word : typed) crypto::wipe(word);
  apps::log_as_service();
  apps::raise_descriptor_limit();
  return apps::run("sshnpd", [&] { return sshnpd(configured); });
}
