// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/session.hpp"

#include <utility>

#include "noports/base/finally.hpp"
#include "noports/base/text.hpp"
#include "noports/bridge/auth_line.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/task_group.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/signing/door.hpp"

namespace noports::daemon {
namespace {

// The client waits 15 s for our answer (noports-wire.md 15); later there is nobody to tell.
constexpr std::chrono::seconds kPatience{15};
// How long another daemon with our atSign and name is kept from serving a request
// (noports-newer.md 12).
constexpr std::chrono::seconds kClaimed{30};
constexpr std::chrono::seconds kDefaultIdle{60};  // noports-newer.md 4.2, `timeout`
constexpr std::chrono::hours kLongestIdle{std::chrono::days{365}};  // what "never" means to npt

// A request that was checked, and what its session will run on.
struct Prepared {
  std::unique_ptr<bridge::RemoteDialer> dialer;
  proto::Grant grant;
};

// Who has asked, and what they may. The standing changes when the rules do.
struct Asker {
  at::Atsign from;
  std::shared_ptr<Standing> standing;
};

bridge::Target target_of(const proto::SessionRequest& request, const Host& host) {
  if (request.kind == proto::RequestKind::npt) {
    return bridge::Target{request.target_host, request.target_port};
  }
  return bridge::Target{"localhost", host.ssh_port};
}

bridge::CtrKey bridge_key(const proto::KeyPair& pair) {
  return bridge::CtrKey{pair.key.copy(), pair.iv.copy()};
}

bridge::Protection protection(const proto::SessionKeys& keys) {
  bridge::Protection protection;
  protection.kind =
      keys.device_to_client ? bridge::Protection::Kind::ctr_twin : bridge::Protection::Kind::ctr;
  protection.client_to_device = bridge_key(keys.client_to_device);
  if (keys.device_to_client) protection.device_to_client = bridge_key(*keys.device_to_client);
  return protection;
}

// Envelope and signature; the payload when both are good.
asio::awaitable<Result<void>> check_signature(const Host& host, const proto::Envelope& envelope,
                                              at::Atsign from, net::Deadline deadline) {
  auto key = co_await host.mail.public_key(from, false, deadline);
  if (key && proto::check_envelope(envelope, *key)) co_return Result<void>();
  // Keys change when an atSign is activated anew: ask once more, past the caches.
  key = co_await host.mail.public_key(from, true, deadline);
  if (!key) {
    co_return fail(std::move(key).error().during("fetching the public key of " + from.str()));
  }
  co_return proto::check_envelope(envelope, *key);
}

Result<proto::Grant> grant_keys(const proto::SessionRequest& request, bridge::Leg& leg) {
  if (!request.encrypt) return proto::plain_grant(request.session);
  auto ephemeral = crypto::PublicKey::parse(*request.client_ephemeral_key);
  if (!ephemeral) return fail(std::move(ephemeral).error().during("reading clientEphemeralPK"));
  if (ephemeral->bits() != 2048) return fail(Errc::refused, "clientEphemeralPK has not 2048 bits");
  const auto keys = proto::fresh_session_keys(request.twin_keys);
  leg.protection = protection(keys);
  return proto::make_grant(request.session, keys, *ephemeral);
}

// How the sockets of the leg authenticate to the relay, as the client says who has asked it.
asio::awaitable<Result<void>> set_door(bridge::Leg& leg, const Host& host,
                                       const proto::SessionRequest& request) {
  leg.authenticate = bridge::no_auth();
  if (!request.authenticate_to_relay) co_return Result<void>();
  if (request.auth_mode == proto::RelayAuthMode::escr) {
    if (!host.escr_key) {
      co_return fail(Errc::refused, "this device authenticates to relays in payload mode only");
    }
    co_return signing::answer_challenges(leg, *host.escr_key, request.session,
                                         proto::RelaySide::device, *request.auth_aes_key);
  }
  proto::RelayCredentials credentials{request.session, *request.client_nonce, *request.relay_nonce};
  co_return co_await signing::show_line(leg, host.signer, std::move(credentials));
}

bridge::DialOptions dial_options(const Host& host, const proto::SessionRequest& request,
                                 const Asker& asker) {
  bridge::DialOptions options;
  options.idle =
      std::min<std::chrono::milliseconds>(request.timeout.value_or(kDefaultIdle), kLongestIdle);
  const auto target = target_of(request, host);
  options.may_open = [&rules = host.rules, asker, target] {
    return may_open(asker.from, *asker.standing, target.host, target.port, rules).allowed;
  };
  options.on_trouble = [session = request.session.str()](const Error& error) {
    log::info("daemon", "a connection failed", {{"session", session}, {"why", error.what()}});
  };
  return options;
}

asio::awaitable<Result<std::unique_ptr<bridge::RemoteDialer>>> open_dialer(
    const Host& host, const proto::SessionRequest& request, Asker asker, bridge::Leg leg,
    net::Deadline deadline) {
  auto target = target_of(request, host);
  if (request.kind == proto::RequestKind::ssh) {
    return bridge::RemoteDialer::open_single(std::move(leg), std::move(target), host.poller,
                                             deadline);
  }
  return bridge::RemoteDialer::open_multi(std::move(leg), std::move(target), host.poller, deadline,
                                          dial_options(host, request, asker));
}

asio::awaitable<Result<Prepared>> prepare(const Host& host, const proto::SessionRequest& request,
                                          Asker asker, net::Deadline deadline) {
  bridge::Leg leg;
  leg.relay_host = request.relay_host;
  leg.relay_port = request.relay_port;
  auto set = co_await set_door(leg, host, request);
  if (!set) co_return fail(std::move(set).error());
  auto grant = grant_keys(request, leg);
  if (!grant) co_return fail(std::move(grant).error());

  auto dialer = co_await open_dialer(host, request, std::move(asker), std::move(leg), deadline);
  if (!dialer) co_return fail(std::move(dialer).error());
  co_return Prepared{*std::move(dialer), *std::move(grant)};
}

asio::awaitable<Result<void>> answer(const Host& host, at::Atsign to,
                                     const proto::SessionId& session, std::string text,
                                     net::Deadline deadline) {
  atclient::Letter letter{to, proto::device_key(session.str(), host.device), std::move(text)};
  co_return co_await host.mail.notify(std::move(letter), deadline);
}

asio::awaitable<Result<void>> grant(const Host& host, const proto::SessionRequest& request,
                                    const proto::Grant& granted, at::Atsign to,
                                    net::Deadline deadline) {
  const std::string payload = proto::encode(granted, request.kind);
  auto signature = co_await host.signer.sign(payload);
  if (!signature) co_return fail(std::move(signature).error());
  auto envelope = proto::encode_envelope(payload, *signature);
  if (!envelope) co_return fail(std::move(envelope).error());
  co_return co_await answer(host, to, request.session, *std::move(envelope), deadline);
}

Verdict verdict_on(const Host& host, const proto::SessionRequest& request, const Asker& asker) {
  const auto target = target_of(request, host);
  return may_open(asker.from, *asker.standing, target.host, target.port, host.rules);
}

// The reason why not, in the words that clients of the reference know.
asio::awaitable<Result<Prepared>> admit(const Host& host, const proto::Envelope& envelope,
                                        const proto::SessionRequest& request, Asker asker,
                                        net::Deadline deadline) {
  auto signature = co_await check_signature(host, envelope, asker.from, deadline);
  if (!signature) {
    co_return fail(Errc::bad_signature, "Signature not verified: " + signature.error().what());
  }
  auto verdict = verdict_on(host, request, asker);
  if (!verdict.allowed) co_return fail(Errc::refused, std::move(verdict.reason));
  log::debug("daemon", "a request is allowed",
             {{"session", request.session.str()}, {"why", verdict.reason}});
  if (host.live > host.rules.sessions) {  // this one is among them
    co_return fail(Errc::refused, "This device serves " + std::to_string(host.rules.sessions) +
                                      " sessions already, which is its limit");
  }
  auto prepared = co_await prepare(host, request, asker, deadline);
  if (!prepared) {
    co_return fail(std::move(prepared).error().during(
        "Failed to start up the daemon side of the srv socket tunnel "));
  }
  verdict = verdict_on(host, request, asker);  // the rules may have changed meanwhile
  if (!verdict.allowed) co_return fail(Errc::refused, std::move(verdict.reason));
  co_return prepared;
}

void log_refusal(const atclient::Note& note, std::string_view session, const Error& error) {
  log::warn("daemon", "a request was refused",
            {{"from", note.from.str()}, {"session", session}, {"why", error.what()}});
}

// Whether we are to serve the session: always, unless another daemon has claimed it. When that
// cannot be found out, serving is better than leaving a client without an answer.
asio::awaitable<bool> claim(const Host& host, const proto::SessionId& session,
                            net::Deadline deadline) {
  auto claimed =
      co_await host.mail.claim(proto::device_mutex_key(session.str()), kClaimed, deadline);
  if (claimed) co_return *claimed;
  log::info("daemon", "a session could not be claimed, and is served all the same",
            {{"session", session.str()}, {"why", claimed.error().what()}});
  co_return true;
}

void log_untold(const at::Atsign& to, const proto::SessionId& session, const Error& error) {
  log::warn("daemon", "the client could not be answered",
            {{"to", to.str()}, {"session", session.str()}, {"why", error.what()}});
}

void log_start(const proto::SessionRequest& request, const at::Atsign& from,
               const bridge::Target& target) {
  log::info("daemon", "session starts",
            {{"session", request.session.str()},
             {"from", from.str()},
             {"target", target.host + ":" + std::to_string(target.port)}});
  if (request.encrypt) return;
  log::warn("daemon", "the client asked for no encryption: only the application protects the bytes",
            {{"session", request.session.str()}});
}

void log_end(const proto::SessionRequest& request, const bridge::Summary& moved,
             const std::string& why) {
  log::info("daemon", "session ends",
            {{"session", request.session.str()},
             {"connections", moved.connections},
             {"up", moved.bytes_up},
             {"down", moved.bytes_down},
             {"why", why}});
}

// Of one session: tells the client, then moves bytes until it ends. `why` it did.
asio::awaitable<void> carry(const Host& host, const proto::SessionRequest& request, at::Atsign from,
                            Prepared& prepared, net::Deadline deadline, std::string& why) {
  auto told = co_await grant(host, request, prepared.grant, from, deadline);
  if (!told) {
    log_untold(from, request.session, told.error());
    why = "the client could not be answered";
    co_return;
  }
  auto ended = co_await prepared.dialer->serve();
  why = ended ? "finished" : ended.error().what();
}

// In the register for as long as it lives, and no longer than the register lets it.
asio::awaitable<void> serve_prepared(const Host& host, const proto::SessionRequest& request,
                                     Asker asker, Prepared prepared, net::Deadline deadline) {
  const auto target = target_of(request, host);
  std::string why = "the daemon stops";
  net::TaskGroup work(host.poller.executor(), log::escapes("daemon"));
  LiveSessions::Session mine{request.session, asker.from, proto::Endpoint{target.host, target.port},
                             asker.standing, [&](std::string reason) {
                               why = std::move(reason);
                               work.cancel();
                             }};
  const auto entry = host.sessions.add(std::move(mine));
  log_start(request, asker.from, target);
  const Finally ended([&] { log_end(request, prepared.dialer->moved(), why); });
  work.spawn(carry(host, request, asker.from, prepared, deadline, why));
  co_await net::scoped(work, work.join());
}

struct Asked {
  proto::Envelope envelope;
  proto::SessionRequest request;
};

Result<Asked> read_request(const atclient::Note& note, proto::RequestKind kind) {
  auto envelope = proto::decode_envelope(note.value);
  if (!envelope) return fail(std::move(envelope).error());
  auto request = proto::decode_session_request(kind, envelope->payload);
  if (!request) return fail(std::move(request).error());
  return Asked{*std::move(envelope), *std::move(request)};
}

SeenSessions::Time wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

asio::awaitable<void> serve_session(const Host& host, atclient::Note note, proto::RequestKind kind,
                                    Standing standing) {
  ++host.live;  // for as long as it is being asked for, prepared or served
  const Finally ended([&host] { --host.live; });
  const auto deadline = net::in(kPatience);
  auto asked = read_request(note, kind);
  if (!asked) co_return log_refusal(note, "", asked.error());
  const auto& request = asked->request;
  if (!host.seen.remember(request.session, wall_clock())) {
    co_return log_refusal(note, request.session.str(),
                          Error(Errc::refused, "this session was asked for before"));
  }
  const bool is_ours = co_await claim(host, request.session, deadline);
  if (!is_ours) {
    log::info("daemon", "a request is left to another daemon of this name",
              {{"session", request.session.str()}, {"from", note.from.str()}});
    co_return;
  }
  Asker asker{note.from, std::make_shared<Standing>(std::move(standing))};
  auto prepared = co_await admit(host, asked->envelope, request, asker, deadline);
  if (!prepared) {
    log_refusal(note, request.session.str(), prepared.error());
    auto told =
        co_await answer(host, note.from, request.session, prepared.error().what(), deadline);
    if (!told) log_untold(note.from, request.session, told.error());
    co_return;
  }
  co_await serve_prepared(host, request, std::move(asker), *std::move(prepared), deadline);
}

asio::awaitable<void> refuse_session(const Host& host, atclient::Note note, proto::RequestKind kind,
                                     std::string reason) {
  auto asked = read_request(note, kind);
  if (!asked) co_return log_refusal(note, "", asked.error());
  auto told = co_await answer(host, note.from, asked->request.session, std::move(reason),
                              net::in(kPatience));
  if (!told) log_untold(note.from, asked->request.session, told.error());
}

}  // namespace noports::daemon
