// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/session.hpp"

#include <unistd.h>

#include <algorithm>
#include <asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "common/account.hpp"
#include "common/progress.hpp"
#include "common/recent_devices.hpp"
#include "common/run.hpp"
#include "noports/atclient/client.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/client/ask_device.hpp"
#include "noports/client/open_tunnel.hpp"
#include "noports/log/log.hpp"
#include "noports/net/process.hpp"
#include "noports/net/task_group.hpp"
#include "sshnp/ssh_command.hpp"

namespace noports::apps::sshnp {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;       // for our atServer, as for any peer (noports-wire.md 15)
constexpr auto kRelayPatience = 10s;  // until the relay's socket stands
constexpr int kSshFailed = 255;       // ssh's status for errors of its own

struct Session {
  Session(asio::any_io_executor executor, const Options& options_, Background* background_)
      : ephemeral(executor),
        poller(executor),
        tasks(executor, [](std::exception_ptr) { log::error("sshnp", "the tunnel failed"); }),
        options(options_),
        background(background_),
        say(progress("sshnp", options_.quiet)) {}

  client::EphemeralKey ephemeral;  // first: it takes longest
  net::Poller poller;
  net::TaskGroup tasks;  // the tunnel, while ssh runs
  const Options& options;
  Background* background;
  Say say;
  client::Phases phases;
  std::optional<atclient::Account> account;
  std::optional<bridge::LocalListener> listener;  // not with --stdio
  std::unique_ptr<atclient::Client> mail;
  std::string user;                              // of the remote login; may be empty with --stdio
  std::optional<Result<bridge::Summary>> ended;  // the tunnel, once it has
};

asio::awaitable<void> log_out(Session& session) {
  if (!session.mail) co_return;
  co_await session.mail->close();
  session.mail.reset();
}

asio::awaitable<void> close(Session& session) {
  session.tasks.cancel();
  co_await session.tasks.join();
  co_await log_out(session);
  co_await session.ephemeral.close();
}

client::Wanted wanted(const Options& options) {
  client::Wanted made(proto::RequestKind::ssh, client::Device(*options.to, *options.device),
                      *options.relay);
  made.other_relays = options.other_relays;
  made.authenticate_client = options.authenticate_client;
  made.authenticate_device = options.authenticate_device;
  made.relay_auth = options.relay_auth;
  made.encrypt = options.encrypt;
  made.ssh_key = options.public_key;
  made.ping_timeout = options.ping_timeout;
  return made;
}

asio::awaitable<Result<std::string>> user_name(Session& session) {
  const auto& options = session.options;
  if (options.stdio || !options.user.empty()) co_return options.user;
  session.say("Resolving remote username for user session");
  client::Device device(*options.to, *options.device);
  co_return co_await client::ask_user_name(*session.mail, std::move(device), net::in(kPatience));
}

asio::awaitable<Result<bridge::Leg>> arrange(Session& session) {
  auto connecting = atclient::connect(*session.account, net::in(kPatience));
  auto mail = co_await client::timed(session.phases, "connect", std::move(connecting));
  if (!mail) co_return fail(std::move(mail).error());
  session.mail = *std::move(mail);
  const client::Caller me(*session.mail, *session.account->keys);
  auto [leg, user] =
      co_await net::both(client::open_tunnel(me, session.ephemeral, wanted(session.options),
                                             session.say, session.phases),
                         user_name(session));
  if (!leg) co_return fail(std::move(leg).error());
  if (!user) co_return fail(std::move(user).error());
  session.user = *std::move(user);
  const auto& options = session.options;
  remember_device({*options.to, *options.device, *options.relay});
  co_await log_out(session);  // nothing more to say to anybody
  for (const auto& line : session.phases.lines()) log::info("sshnp", line);
  session.say("Creating connection to socket rendezvous");
  co_return *std::move(leg);
}

asio::awaitable<void> serve(Session& session, bridge::Leg leg) {
  session.ended = co_await session.listener->serve_one(std::move(leg), session.poller,
                                                       net::in(session.options.idle));
}

// ssh in the foreground, the tunnel beside it.
asio::awaitable<Result<int>> run_ssh(Session& session, bridge::Leg leg) {
  net::Command command;
  command.argv = ssh_command(session.options, session.listener->port(), session.user);
  session.tasks.spawn(serve(session, std::move(leg)));
  session.say("Starting user session");
  auto status = co_await net::run(std::move(command));
  if (!status) co_return fail(std::move(status).error());
  // ssh only knows that its connection was closed; we know why.
  const bool is_ours = *status == kSshFailed && session.ended && !*session.ended;
  if (is_ours) co_return fail(std::move(*session.ended).error());
  co_return *status;
}

asio::awaitable<Result<int>> in_background(Session& session, bridge::Leg leg) {
  const auto command = ssh_command(session.options, session.listener->port(), session.user);
  session.background->ready(as_line(command));
  co_await serve(session, std::move(leg));
  if (!*session.ended) co_return fail(std::move(*session.ended).error());
  co_return 0;
}

asio::awaitable<Result<int>> whole(Session& session) {
  auto leg = co_await arrange(session);
  if (!leg) co_return fail(std::move(leg).error());
  if (session.background != nullptr) co_return co_await in_background(session, *std::move(leg));
  if (!session.options.stdio) co_return co_await run_ssh(session, *std::move(leg));
  auto ended = co_await bridge::serve_stdio(*std::move(leg), session.poller, STDIN_FILENO,
                                            STDOUT_FILENO, net::in(kRelayPatience));
  if (!ended) co_return fail(std::move(ended).error());
  co_return 0;
}

asio::awaitable<Result<void>> prepare(Session& session, asio::any_io_executor executor) {
  const auto& options = session.options;
  if (options.is_device_implied) {
    log::warn("sshnp", "Using default value of \"default\" for optional arg \"--device\"");
  }
  if (!options.encrypt) {
    log::warn("sshnp", "nothing but ssh itself protects this session from the relay");
  }
  auto account =
      co_await open_account(*options.from, options.key_access, options.directory, options.ca_file);
  if (!account) co_return fail(std::move(account).error());
  session.account = *std::move(account);
  session.account->helpers = kClientHelpers;
  if (options.stdio) co_return Result<void>();
  auto opened = bridge::LocalListener::open(executor, "localhost", options.local_port);
  if (!opened) co_return fail(std::move(opened).error());
  session.listener.emplace(*std::move(opened));
  co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<int>> run_session(const Options& options, Background* background) {
  const auto executor = co_await asio::this_coro::executor;
  Session session(executor, options, background);
  auto ready = co_await prepare(session, executor);
  if (!ready) {
    co_await close(session);
    co_return fail(std::move(ready).error());
  }
  const std::function<asio::awaitable<void>()> closing = [&session] { return close(session); };
  co_return co_await finally(whole(session), closing);
}

}  // namespace noports::apps::sshnp
