// SPDX-License-Identifier: BSD-3-Clause
#include "npt/forwarding.hpp"

#include <asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/account.hpp"
#include "common/progress.hpp"
#include "common/recent_devices.hpp"
#include "common/run.hpp"
#include "noports/atclient/client.hpp"
#include "noports/bridge/destinations.hpp"
#include "noports/client/ask_device.hpp"
#include "noports/client/open_tunnel.hpp"
#include "noports/client/socks_door.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/task_group.hpp"
#include "npt/listening.hpp"
#include "npt/tunnel.hpp"

namespace noports::apps::npt {
namespace {

using namespace std::chrono_literals;

constexpr auto kLoginPatience = 20s;  // as for any peer (noports-wire.md 15)
constexpr auto kSocksPatience = 10s;  // a program says at once where it wants to go
constexpr auto kKeepAlivePause = 5s;
// Connections that wait for a session or have not said where to go. Each holds a descriptor, of
// which a process has 1,024 at least.
constexpr std::size_t kMostWaiting = 256;

// One run: what all local ports share.
struct Forwarding {
  Forwarding(asio::any_io_executor executor, const Options& options_)
      : ephemeral(executor),
        poller(executor),
        options(options_),
        say(progress("npt", options_.quiet)),
        ports_tasks(executor, log::escapes("npt")),
        tasks(executor, log::escapes("npt")) {}

  client::EphemeralKey ephemeral;  // first: it takes longest
  net::Poller poller;
  const Options& options;
  Say say;
  std::vector<Listening> ports;  // as options.forwards
  std::shared_ptr<const keys::Keys> keys;
  std::unique_ptr<atclient::Client> mail;
  std::optional<bridge::Destinations> destinations;
  net::TaskGroup ports_tasks;  // one for each port
  net::TaskGroup tasks;        // connections that are not carried yet
};

asio::awaitable<void> close(Forwarding& all) {
  all.ports_tasks.cancel();
  co_await all.ports_tasks.join();
  all.tasks.cancel();
  co_await all.tasks.join();
  if (all.destinations) co_await all.destinations->close();
  if (all.mail) co_await all.mail->close();
  co_await all.ephemeral.close();
}

Result<void> listen(Forwarding& all, asio::any_io_executor executor) {
  for (const auto& forward : all.options.forwards) {
    std::vector<std::string> hosts = {forward.local_host};
    if (forward.local_host.empty()) hosts = all.options.local_hosts;
    auto opened = listen_on(executor, hosts, forward.local_port);
    if (!opened) return fail(std::move(opened).error());
    all.ports.push_back(*std::move(opened));
  }
  return {};
}

asio::awaitable<Result<bridge::Leg>> open_leg(Forwarding& all, bridge::Target target) {
  auto wish = wanted(all.options);
  wish.target_host = target.host;
  wish.target_port = target.port;
  const client::Caller me(*all.mail, *all.keys);
  // Progress of one among many sessions would only confuse: it goes to the log.
  const Say log_it = [](std::string_view text) { log::info("npt", text); };
  client::Phases phases;
  auto leg = co_await client::open_tunnel(me, all.ephemeral, std::move(wish), log_it, phases);
  for (const auto& line : phases.lines()) log::info("npt", line);
  co_return leg;
}

std::string name_of(const bridge::Target& target) {
  return net::endpoint_text(target.host, target.port);
}

void open_destinations(Forwarding& all) {
  bridge::Destinations::Options options;
  options.idle = *all.options.timeout;
  options.heartbeat = all.options.heartbeat;
  options.on_trouble = [](const bridge::Target& target, const Error& error) {
    log::warn("npt", error.what(), {{"target", name_of(target)}, {"hint", error.hint()}});
  };
  all.destinations.emplace(
      all.poller, [&all](bridge::Target target) { return open_leg(all, std::move(target)); },
      std::move(options));
}

// A connection of the port of a fixed destination.
asio::awaitable<void> serve_fixed(Forwarding& all, proto::Endpoint to, net::Socket application) {
  const bridge::Target target{to.host, to.port};
  auto reached = co_await all.destinations->reach(target);
  if (!reached) co_return;  // the session said why
  all.destinations->carry(target, bridge::Side(std::move(application)));
}

asio::awaitable<void> serve_socks(Forwarding& all, net::Socket application) {
  auto to = co_await client::hear_socks(application, net::in(kSocksPatience));
  if (!to) {
    log::warn("npt", to.error().what(), {{"hint", to.error().hint()}});
    co_return;
  }
  const bridge::Target target{to->host, to->port};
  auto reached = co_await all.destinations->reach(target);
  auto reply = proto::SocksReply::succeeded;
  if (!reached) reply = client::socks_reply_of(reached.error());
  auto told = co_await client::answer_socks(application, reply, net::in(kSocksPatience));
  if (!told || !reached) co_return;
  all.destinations->carry(target, bridge::Side(std::move(application)));
}

asio::awaitable<void> serve_port(Forwarding& all, const Forward& forward, Listening& port) {
  for (;;) {
    auto application = co_await port.listener.accept();
    if (!application) {
      log::error("npt", application.error().what(), {{"port", port.text}});
      co_return;
    }
    if (all.tasks.size() >= kMostWaiting) {
      log::warn("npt", "a connection was dropped: too many wait for their sessions already",
                {{"port", port.text}});
      continue;
    }
    if (forward.target) {
      all.tasks.spawn(serve_fixed(all, *forward.target, *std::move(application)));
    } else {
      all.tasks.spawn(serve_socks(all, *std::move(application)));
    }
  }
}

// Our atServer is reached and the device answers: what can be wrong with all ports at once is told
// before one is used.
asio::awaitable<Result<void>> meet_device(Forwarding& all, const atclient::Account& account) {
  if (!all.mail) {
    auto mail = co_await atclient::connect(account, net::in(kLoginPatience));
    if (!mail) co_return fail(std::move(mail).error());
    all.mail = *std::move(mail);
  }
  const client::Device device(*all.options.to, *all.options.device);
  all.say("Sending daemon feature check request");
  auto answer = co_await client::ask_features(*all.mail, device, net::in(all.options.ping_timeout));
  if (!answer) co_return fail(std::move(answer).error());
  all.say("Received daemon feature check response");
  co_return Result<void>();
}

asio::awaitable<Result<void>> meet_patiently(Forwarding& all, atclient::Account account) {
  for (;;) {
    auto met = co_await meet_device(all, account);
    if (met || !all.options.keep_alive || !may_pass(met.error())) co_return met;
    log::warn("npt", met.error().what(), {{"hint", met.error().hint()}});
    co_await net::pause(kKeepAlivePause);
  }
}

void tell_ready(const Forwarding& all, Background* background) {
  const auto& options = all.options;
  remember_device({*options.to, *options.device, *options.relay});
  std::string ports;
  for (std::size_t i = 0; i < all.ports.size(); ++i) {
    const auto& target = options.forwards[i].target;
    all.say("npt is listening on " + all.ports[i].text +
            (target ? " for " + target->str() : std::string(" for SOCKS 5")));
    ports += (i == 0 ? "" : "\n") + std::to_string(all.ports[i].listener.port());
  }
  if (background != nullptr) background->ready(ports);
}

asio::awaitable<Result<int>> forward_all(Forwarding& all, Background* background) {
  const auto executor = co_await asio::this_coro::executor;
  const auto& options = all.options;
  auto account =
      co_await open_account(*options.from, options.key_access, options.directory, options.ca_file);
  if (!account) co_return fail(std::move(account).error());
  auto ready = listen(all, executor);
  if (!ready) co_return fail(std::move(ready).error());
  account->helpers = kClientHelpers;
  all.keys = account->keys;
  auto met = co_await meet_patiently(all, *std::move(account));
  if (!met) co_return fail(std::move(met).error());
  open_destinations(all);
  for (std::size_t i = 0; i < all.ports.size(); ++i) {
    all.ports_tasks.spawn(serve_port(all, options.forwards[i], all.ports[i]));
  }
  tell_ready(all, background);
  // Ports end only when this machine takes them away.
  co_await all.ports_tasks.join();
  co_return fail(Errc::io, "no local port can be listened on any more");
}

}  // namespace

asio::awaitable<Result<int>> run_forwarding(const Options& options, Background* background) {
  const auto executor = co_await asio::this_coro::executor;
  Forwarding all(executor, options);
  const std::function<asio::awaitable<void>()> closing = [&all] { return close(all); };
  co_return co_await finally(forward_all(all, background), closing);
}

}  // namespace noports::apps::npt
