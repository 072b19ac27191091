// SPDX-License-Identifier: BSD-3-Clause
#include "npt/tunnel.hpp"

#include <unistd.h>

#include <asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "common/account.hpp"
#include "common/progress.hpp"
#include "common/recent_devices.hpp"
#include "common/run.hpp"
#include "noports/atclient/client.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/log/log.hpp"
#include "npt/listening.hpp"

namespace noports::apps::npt {
namespace {

using namespace std::chrono_literals;

constexpr auto kLoginPatience = 20s;    // as for any peer (noports-wire.md 15)
constexpr auto kControlPatience = 10s;  // the reference's limit for the control channel
constexpr auto kKeepAlivePause = 5s;

// One run of npt: what its sessions share.
struct Tunnel {
  Tunnel(asio::any_io_executor executor, const Options& options_, Background* background_)
      : ephemeral(executor),
        poller(executor),
        options(options_),
        background(background_),
        say(progress("npt", options_.quiet)) {}

  client::EphemeralKey ephemeral;  // first: it takes longest
  net::Poller poller;
  const Options& options;
  Background* background;
  Say say;
  client::Phases phases;  // of the session that is being set up
  std::optional<atclient::Account> account;
  std::optional<Listening> listening;
  std::unique_ptr<atclient::Client> mail;
};

asio::awaitable<void> log_out(Tunnel& tunnel) {
  if (!tunnel.mail) co_return;
  co_await tunnel.mail->close();
  tunnel.mail.reset();
}

asio::awaitable<void> close(Tunnel& tunnel) {
  co_await log_out(tunnel);
  co_await tunnel.ephemeral.close();
}

Result<void> listen(Tunnel& tunnel, asio::any_io_executor executor) {
  auto opened =
      listen_on(std::move(executor), tunnel.options.local_hosts, tunnel.options.local_port);
  if (!opened) return fail(std::move(opened).error());
  tunnel.listening.emplace(*std::move(opened));
  return {};
}

asio::awaitable<Result<bridge::Leg>> arrange(Tunnel& tunnel) {
  if (!tunnel.mail) {
    auto connecting = atclient::connect(*tunnel.account, net::in(kLoginPatience));
    auto mail = co_await client::timed(tunnel.phases, "connect", std::move(connecting));
    if (!mail) co_return fail(std::move(mail).error());
    tunnel.mail = *std::move(mail);
  }
  const client::Caller me(*tunnel.mail, *tunnel.account->keys);
  auto leg = co_await client::open_tunnel(me, tunnel.ephemeral, wanted(tunnel.options), tunnel.say,
                                          tunnel.phases);
  if (!leg) co_return fail(std::move(leg).error());
  if (!tunnel.options.keep_alive) co_await log_out(tunnel);  // nothing more to say to anybody
  co_return *std::move(leg);
}

void tell_ready(Tunnel& tunnel, client::Phases::Clock::time_point began) {
  tunnel.phases.add("control channel", client::Phases::Clock::now() - began);
  for (const auto& line : tunnel.phases.lines()) log::info("npt", line);
  const auto& options = tunnel.options;
  remember_device({*options.to, *options.device, *options.relay});
  tunnel.say("npt is listening on " + tunnel.listening->text);
  if (tunnel.background != nullptr) {
    tunnel.background->ready(std::to_string(tunnel.listening->listener.port()));
  }
}

asio::awaitable<Result<void>> one_session(Tunnel& tunnel) {
  auto leg = co_await arrange(tunnel);
  if (!leg) co_return fail(std::move(leg).error());
  tunnel.say("Creating connection to socket rendezvous");
  const auto began = client::Phases::Clock::now();
  if (tunnel.options.stdio) {
    auto ended = co_await bridge::serve_stdio_multi(*std::move(leg), tunnel.poller, STDIN_FILENO,
                                                    STDOUT_FILENO, net::in(kControlPatience));
    if (!ended) co_return fail(std::move(ended).error());
    co_return Result<void>();
  }
  bridge::ServeOptions serving;
  serving.idle = *tunnel.options.timeout;
  serving.heartbeat = tunnel.options.heartbeat;
  serving.on_ready = [&tunnel, began] { tell_ready(tunnel, began); };
  serving.on_trouble = [](const Error& error) { log::warn("npt", error.what()); };
  auto ended = co_await tunnel.listening->listener.serve(
      *std::move(leg), tunnel.poller, net::in(kControlPatience), std::move(serving));
  if (!ended) {
    co_return fail(std::move(ended).error().hint("run npt again, or with -K to have it do so"));
  }
  co_return Result<void>();
}

asio::awaitable<Result<int>> sessions(Tunnel& tunnel) {
  for (;;) {
    auto ended = co_await one_session(tunnel);
    if (!tunnel.options.keep_alive) {
      if (!ended) co_return fail(std::move(ended).error());
      tunnel.say("Session ended");
      co_return 0;
    }
    if (!ended && !may_pass(ended.error())) co_return fail(std::move(ended).error());
    if (!ended) log::warn("npt", ended.error().what());
    tunnel.say("Session ended, keep-alive is set: will wait 5 seconds and retry");
    co_await net::pause(kKeepAlivePause);
    tunnel.phases = client::Phases();
  }
}

void tell_timeout(const Tunnel& tunnel) {
  if (tunnel.options.is_never) tunnel.say("Requested \"never\" timeout: set to 365 days");
  if (tunnel.options.is_timeout_implied) {
    tunnel.say("Requested keep-alive without specifying a timeout: setting timeout to 24 hours");
  }
}

}  // namespace

client::Wanted wanted(const Options& options) {
  client::Wanted made(proto::RequestKind::npt, client::Device(*options.to, *options.device),
                      *options.relay);
  made.other_relays = options.other_relays;
  made.target_host = options.remote_host;
  made.target_port = options.remote_port;
  made.timeout = *options.timeout;
  made.relay_auth = options.relay_auth;
  made.encrypt = options.encrypt;
  made.ping_timeout = options.ping_timeout;
  return made;
}

bool may_pass(const Error& error) noexcept {
  switch (error.code()) {
    case Errc::config:
    case Errc::not_set_up:
    case Errc::rejected:
    case Errc::revoked:
    case Errc::busy:
      return false;
    default:
      return true;
  }
}

asio::awaitable<Result<int>> run_tunnel(const Options& options, Background* background) {
  const auto executor = co_await asio::this_coro::executor;
  Tunnel tunnel(executor, options, background);
  tell_timeout(tunnel);
  auto account =
      co_await open_account(*options.from, options.key_access, options.directory, options.ca_file);
  auto ready = Result<void>();
  if (!account) {
    ready = fail(std::move(account).error());
  } else {
    tunnel.account = *std::move(account);
    tunnel.account->helpers = kClientHelpers;
    if (!options.stdio) ready = listen(tunnel, executor);
  }
  if (!ready) {
    co_await close(tunnel);
    co_return fail(std::move(ready).error());
  }
  const std::function<asio::awaitable<void>()> closing = [&tunnel] { return close(tunnel); };
  co_return co_await finally(sessions(tunnel), closing);
}

}  // namespace noports::apps::npt
