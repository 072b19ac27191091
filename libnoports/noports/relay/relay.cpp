// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/relay.hpp"

#include <utility>

#include "noports/base/finally.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/auth_modes.hpp"
#include "noports/proto/device.hpp"

namespace noports::relay {
namespace {

// A client waits 20 s for its answer (noports-wire.md 15): what takes longer is of no use to it.
constexpr std::chrono::seconds kPatience{20};
// How long another relay with our atSign is kept from serving a request (noports-newer.md 12).
constexpr std::chrono::seconds kClaimed{30};

}  // namespace

Relay::Relay(asio::any_io_executor executor, atclient::Mailbox& mail, bridge::Pumps& pumps,
             Options options)
    : executor_(executor),
      mail_(mail),
      pumps_(pumps),
      options_(std::move(options)),
      signing_keys_(mail),
      tasks_(executor, log::escapes("relay")) {}

asio::awaitable<Result<void>> Relay::run() { return net::scoped(tasks_, take_requests()); }

Result<void> Relay::open_single_port() {
  if (!options_.one_port) return {};
  auto opened = SinglePort::open(
      executor_, options_.bind_address, options_.one_port->bound,
      [this](const proto::SessionId& session) {
        const auto live = live_.find(session);
        const bool is_here = live != live_.end() && live->second.meeting->client_port() == 0;
        return is_here ? live->second.meeting : nullptr;
      },
      SinglePort::Limits());
  if (!opened) return fail(std::move(opened).error());
  single_ = *std::move(opened);
  options_.rules.has_single_port = true;
  tasks_.spawn(single_->run());
  log::info("relay", "one port for all", {{"port", single_->port()}});
  return {};
}

asio::awaitable<Result<void>> Relay::take_requests() {
  auto opened = open_single_port();
  if (!opened) co_return fail(std::move(opened).error());
  auto inbox = mail_.subscribe([](const at::Atsign&, std::string_view key) {
    return proto::is_relay_request(key) || proto::is_relay_hint(key);
  });
  log::info("relay", "ready", {{"atsign", mail_.self().str()}, {"address", options_.address}});
  for (;;) {
    auto note = co_await inbox.next();
    if (!note) co_return fail(std::move(note).error());
    options_.on_taken(note->epoch_millis);
    if (proto::is_relay_hint(note->key.str())) {
      take_hint(*note);
    } else {
      tasks_.spawn(serve(*std::move(note)));
    }
  }
}

// Best effort: without it the relay finds out by itself, half a second later.
void Relay::take_hint(const atclient::Note& note) {
  const auto modes = proto::decode_auth_modes(note.value);
  if (!modes) {
    log::info("relay", "a hint could not be read",
              {{"from", note.from.str()}, {"why", modes.error().what()}});
    return;
  }
  const auto live = live_.find(modes->session);
  const bool is_theirs = live != live_.end() && live->second.client == note.from &&
                         live->second.relay_nonce == modes->relay_nonce;
  if (is_theirs) live->second.meeting->learn(modes->client, modes->device);
}

asio::awaitable<void> Relay::serve(atclient::Note note) {
  auto request = proto::decode_lease_request(note.value);
  if (!request) {
    log::info("relay", "a request could not be read",
              {{"from", note.from.str()}, {"why", request.error().what()}});
    co_return;
  }
  const auto admission = admit(*request, note.from, options_.rules, ledger_);
  if (admission.verdict != Admission::Verdict::admit) {
    log::info("relay", "a request was refused",
              {{"session", request->session.str()},
               {"from", note.from.str()},
               {"why", admission.reason}});
    if (admission.verdict == Admission::Verdict::refuse) {
      co_await refuse(*request, admission.reason);
    }
    co_return;
  }
  ledger_.enter(request->session, request->client);
  const bool is_ours = co_await claim(*request);
  if (!is_ours) {
    ledger_.leave(request->session, request->client);
    co_return;
  }
  auto held = co_await hold_session(*request);
  ledger_.leave(request->session, request->client);
  if (!held) {
    log::warn("relay", "a session could not be served",
              {{"session", request->session.str()},
               {"from", note.from.str()},
               {"why", held.error().what()}});
    co_await refuse(*request, "The relay could not serve the session: " + held.error().what());
  }
}

// A client that takes the first of several answers needs no agreement among relays. Where there has
// to be one and cannot be had, silence is right: two answers would lead the two sides to two
// relays.
asio::awaitable<bool> Relay::claim(proto::LeaseRequest request) {
  if (request.multiple_acks_ok) co_return true;
  auto claimed = co_await mail_.claim(proto::relay_mutex_key(request.session.str()), kClaimed,
                                      net::in(kPatience));
  if (claimed && *claimed) co_return true;
  if (claimed) {
    log::info("relay", "a request is left to another relay with this atSign",
              {{"session", request.session.str()}});
  } else {
    log::warn("relay", "a request is not served: whether another relay does cannot be found out",
              {{"session", request.session.str()}, {"why", claimed.error().what()}});
  }
  co_return false;
}

asio::awaitable<Result<void>> Relay::hold_session(proto::LeaseRequest request) {
  const std::string nonce = crypto::random_nonce();
  auto meeting = co_await open(request, nonce);
  if (!meeting) co_return fail(std::move(meeting).error());

  proto::Lease lease;
  lease.host = options_.address;
  lease.client_port = request.only_443 ? options_.one_port->told : (*meeting)->client_port();
  lease.device_port = request.only_443 ? options_.one_port->told : (*meeting)->device_port();
  lease.relay_nonce = nonce;
  lease.auto_detects_auth = !request.only_443;  // the one port knows ESCR alone
  atclient::Letter letter{request.client, proto::relay_answer_key(request.session.str()),
                          request.json_answer ? encode_json(lease) : encode_csv(lease)};
  // Before the answer, which the hint and the first sockets follow.
  live_.insert_or_assign(request.session, Live{request.client, nonce, meeting->get()});
  const Finally over([this, &request] { live_.erase(request.session); });
  auto told = co_await mail_.notify(std::move(letter), net::in(kPatience));
  if (!told) co_return fail(std::move(told).error().during("answering " + request.client.str()));

  log::info("relay", "session starts",
            {{"session", request.session.str()},
             {"client", request.client.str()},
             {"device", request.device.str()}});
  const auto totals = co_await (*meeting)->run();
  log::info("relay", "session ends",
            {{"session", request.session.str()},
             {"pairs", static_cast<std::int64_t>(totals.pairs)},
             {"up", static_cast<std::int64_t>(totals.bytes_up)},
             {"down", static_cast<std::int64_t>(totals.bytes_down)}});
  co_return Result<void>();
}

asio::awaitable<Result<std::unique_ptr<Rendezvous>>> Relay::open(proto::LeaseRequest request,
                                                                 std::string relay_nonce) {
  prefetch(request);
  auto [client, device] = co_await net::both(side(request, proto::RelaySide::client),
                                             side(request, proto::RelaySide::device));
  if (!client) co_return fail(std::move(client).error());
  if (!device) co_return fail(std::move(device).error());
  proto::RelayCredentials credentials{request.session, request.client_nonce,
                                      std::move(relay_nonce)};
  if (request.only_443) {
    co_return Rendezvous::open_portless(executor_, std::move(credentials), *std::move(client),
                                        *std::move(device), pumps_, options_.limits);
  }
  co_return Rendezvous::open(executor_, options_.bind_address, std::move(credentials),
                             *std::move(client), *std::move(device), pumps_, options_.limits);
}

asio::awaitable<Result<SideRules>> Relay::side(proto::LeaseRequest request,
                                               proto::RelaySide which) {
  const bool is_client = which == proto::RelaySide::client;
  SideRules rules;
  if (!(is_client ? request.authenticate_client : request.authenticate_device)) co_return rules;
  const auto owner = is_client ? request.client : request.device;
  rules.owner = owner;
  rules.fetch_key = [this, owner](bool fresh) {
    return mail_.public_key(owner, fresh, net::in(kPatience));
  };
  rules.signing_keys = [this](proto::SigningKeyUri record, bool fresh) {
    return signing_keys_.get(std::move(record), fresh, net::in(kPatience));
  };
  if (request.auth_aes_key) {
    auto key = crypto::base64_decode_secret(*request.auth_aes_key);
    if (!key) co_return fail(std::move(key).error());
    rules.escr_key = std::make_shared<const crypto::Secret>(*std::move(key));
    // Who declares ESCR has decided so for itself; of the device it may not know yet what it can.
    const bool is_declared = request.auth_mode == proto::RelayAuthMode::escr;
    if (is_declared && is_client) rules.mode = proto::RelayAuthMode::escr;
    co_return rules;  // the public key of payload mode is fetched when it is used
  }
  auto key = co_await mail_.public_key(owner, false, net::in(kPatience));
  if (!key)
    co_return fail(std::move(key).error().during("fetching the public key of " + owner.str()));
  rules.key = *std::move(key);
  co_return rules;
}

// What the client says will be needed, as far as it is of the two atSigns that meet here: nobody
// sends us to anybody else's atServer.
void Relay::prefetch(const proto::LeaseRequest& request) {
  if (!request.auth_aes_key) return;
  for (const auto& text : request.prefetch) {
    const auto record = proto::SigningKeyUri::parse(text);
    if (!record) continue;
    if (record->owner() != request.client && record->owner() != request.device) continue;
    tasks_.spawn(prefetch(*record));
  }
}

asio::awaitable<void> Relay::prefetch(proto::SigningKeyUri record) {
  auto found = co_await signing_keys_.get(std::move(record), false, net::in(kPatience));
  if (!found) log::debug("relay", "a signing key is not there", {{"why", found.error().what()}});
}

asio::awaitable<void> Relay::refuse(proto::LeaseRequest request, std::string reason) {
  if (!request.multiple_acks_ok) co_return;  // its regex would take the text for an answer
  atclient::Letter letter{request.client, proto::relay_nack_key(request.session.str()),
                          std::move(reason)};
  auto told = co_await mail_.notify(std::move(letter), net::in(kPatience));
  if (!told) {
    log::warn("relay", "a refusal could not be sent",
              {{"to", request.client.str()}, {"why", told.error().what()}});
  }
}

}  // namespace noports::relay
