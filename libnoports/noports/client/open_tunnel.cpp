// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/open_tunnel.hpp"

#include "noports/bridge/auth_line.hpp"
#include "noports/client/ask_device.hpp"
#include "noports/client/ask_relays.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"
#include "noports/proto/auth_modes.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/signing/door.hpp"

namespace noports::client {
namespace {

using namespace std::chrono_literals;

// How long the reference's clients wait (noports-wire.md 15): a peer may need as much.
constexpr auto kRelayPatience = 20s;
constexpr auto kSessionPatience = 15s;
// What old devices use and what needs no feature to be asked for.
constexpr auto kUsualTimeout = 30s;

// Device and relay have answered.
struct Met {
  proto::Features features;
  at::Atsign relay;
  proto::Lease lease;
  bool can_escr = false;  // our signing key is published
  ModePair modes = {};
};

proto::LeaseRequest lease_request(const Caller& me, const Wanted& wanted) {
  proto::LeaseRequest request{proto::SessionId::fresh(), me.mail.self(), wanted.device.atsign};
  request.authenticate_client = wanted.authenticate_client;
  request.authenticate_device = wanted.authenticate_device;
  request.client_nonce = crypto::random_nonce();
  request.multiple_acks_ok = true;
  request.json_answer = true;
  request.only_443 = wanted.relay_auth.only_443;
  const bool is_anyone = wanted.authenticate_client || wanted.authenticate_device;
  if (!is_anyone || !may_use_escr(wanted.relay_auth)) return request;
  request.auth_mode = declared_mode(wanted.relay_auth);
  request.auth_aes_key = crypto::base64(crypto::random_bytes(crypto::kAesKeySize));
  if (me.enrolment) request.prefetch = {me.enrolment->record.str()};
  return request;
}

Result<void> check_features(const Wanted& wanted, const proto::Features& offered) {
  const auto missing = proto::first_missing(needed_features(wanted), offered);
  if (missing.empty()) return {};
  return fail(
      Error(Errc::refused, Hop::device, "This device daemon does not " + std::string(missing))
          .hint("update sshnpd on the device, or do without"));
}

asio::awaitable<Result<proto::Features>> features_of(Caller me, Wanted wanted, Phases& phases) {
  const bool is_needed = needed_features(wanted) != proto::Features();
  if (!is_needed) co_return proto::Features();  // the way to use a daemon that answers no ping
  auto asked = ask_features(me.mail, wanted.device, net::in(wanted.ping_timeout));
  auto answer = co_await timed(phases, "device ping", std::move(asked));
  if (!answer) co_return fail(std::move(answer).error());
  co_return answer->features;
}

// Two results as one, for net::both().
template <class T>
asio::awaitable<Result<T>> kept(asio::awaitable<T> op) {
  co_return Result<T>(co_await std::move(op));
}

// Whether our signing key stands where relays look for it; without, payload mode has to do.
asio::awaitable<Result<bool>> prepare_escr(Caller me, Wanted wanted) {
  if (!wanted.authenticate_client || !may_use_escr(wanted.relay_auth)) co_return false;
  Result<void> published = fail(Errc::config, "this enrolment has no id that can name a record");
  if (me.enrolment) {
    published = co_await signing::publish(me.mail, *me.enrolment, net::in(kRelayPatience));
  }
  if (published) co_return true;
  if (must_use_escr(wanted.relay_auth)) {
    co_return fail(std::move(published).error().during("publishing our signing key"));
  }
  log::info("client", "our signing key cannot be published, so ESCR is not used",
            {{"why", published.error().what()}});
  co_return false;
}

Result<void> check_ports(const Wanted& wanted, const RelayLease& met) {
  const auto& lease = met.lease;
  if (!wanted.relay_auth.only_443 || lease.client_port == lease.device_port) return {};
  return fail(Error(Errc::bad_syntax, Hop::relay,
                    "the relay " + met.relay.str() + " does not serve port 443")
                  .hint("choose another relay with -r, or do without --443"));
}

std::vector<at::Atsign> relays_of(const Wanted& wanted) {
  std::vector<at::Atsign> relays = {wanted.relay};
  relays.insert(relays.end(), wanted.other_relays.begin(), wanted.other_relays.end());
  return relays;
}

asio::awaitable<Result<Met>> meet(Caller me, Wanted wanted, proto::LeaseRequest request, Say say,
                                  Phases& phases) {
  say("Sending daemon feature check request");
  say("Fetching host and port from srvd");
  auto asked = ask_relays(me.mail, relays_of(wanted), wanted.device.name, std::move(request),
                          net::in(kRelayPatience));
  auto answers =
      net::both(features_of(me, wanted, phases), timed(phases, "relay answer", std::move(asked)));
  auto [both, key] = co_await net::both(kept(std::move(answers)), prepare_escr(me, wanted));
  auto& [features, relay] = *both;
  // The lines and their order are the reference's (cli-and-packaging.md 2.3).
  if (relay) say("Received host and port from srvd");
  say("Waiting for daemon feature check response");
  if (!features) co_return fail(std::move(features).error());
  say("Received daemon feature check response");
  auto checked = check_features(wanted, *features);
  if (!checked) co_return fail(std::move(checked).error());
  say("Required daemon features are supported");
  if (!relay) co_return fail(std::move(relay).error());
  if (!key) co_return fail(std::move(key).error());
  auto usable = check_ports(wanted, *relay);
  if (!usable) co_return fail(std::move(usable).error());
  Met met{*features, relay->relay, std::move(relay->lease), *key};
  const Abilities abilities{met.lease.auto_detects_auth, met.can_escr, met.features.escr,
                            wanted.authenticate_device};
  auto modes = choose_modes(wanted.relay_auth, abilities);
  if (!modes) co_return fail(std::move(modes).error());
  met.modes = *modes;
  co_return met;
}

proto::SessionRequest session_request(const Wanted& wanted, const proto::LeaseRequest& asked,
                                      const Met& met, const crypto::PublicKey& ephemeral) {
  proto::SessionRequest request{wanted.kind, asked.session};
  request.relay_host = met.lease.host;
  request.relay_port = met.lease.device_port;
  request.authenticate_to_relay = wanted.authenticate_device;
  request.auth_mode = met.modes.device;
  if (met.modes.device == proto::RelayAuthMode::escr) request.auth_aes_key = asked.auth_aes_key;
  request.client_nonce = asked.client_nonce;
  request.relay_nonce = met.lease.relay_nonce;
  request.encrypt = wanted.encrypt;
  request.client_ephemeral_key = ephemeral.text();
  request.client_ephemeral_key_type = "rsa2048";
  request.twin_keys = wanted.encrypt && met.features.twin_keys;
  if (met.lease.supports_event_logging) request.relay_atsign = met.relay.str();
  if (wanted.kind == proto::RequestKind::npt) {
    request.target_host = wanted.target_host;
    request.target_port = wanted.target_port;
    request.timeout = wanted.timeout;
  }
  return request;
}

bridge::CtrKey ctr_key(proto::KeyPair pair) {
  return bridge::CtrKey{std::move(pair.key), std::move(pair.iv)};
}

Result<bridge::Protection> protection_of(const proto::Grant& grant, bool is_encrypted,
                                         const crypto::PrivateKey& ephemeral) {
  bridge::Protection protection;
  if (!is_encrypted) return protection;
  auto keys = proto::unwrap(grant, ephemeral);
  if (!keys) {
    // Never in the clear instead: encryption was asked for.
    return fail(std::move(keys).error().at(Hop::device).during("reading the session's keys"));
  }
  protection.client_to_device = ctr_key(std::move(keys->client_to_device));
  if (keys->device_to_client) {
    protection.kind = bridge::Protection::Kind::ctr_twin;
    protection.device_to_client = ctr_key(*std::move(keys->device_to_client));
    return protection;
  }
  protection.kind = bridge::Protection::Kind::ctr;
  log::warn("client",
            "this device is old: both directions share one key, and a relay that knows part of "
            "what is sent could read more; update sshnpd");
  return protection;
}

// How the sockets of the leg authenticate.
asio::awaitable<Result<void>> set_door(bridge::Leg& leg, Caller me, const Wanted& wanted,
                                       const proto::LeaseRequest& asked, const Met& met) {
  leg.authenticate = bridge::no_auth();
  if (!wanted.authenticate_client) co_return Result<void>();
  if (met.modes.client == proto::RelayAuthMode::escr) {
    co_return signing::answer_challenges(leg, *me.enrolment, asked.session,
                                         proto::RelaySide::client, *asked.auth_aes_key);
  }
  proto::RelayCredentials credentials{asked.session, asked.client_nonce, met.lease.relay_nonce};
  co_return co_await signing::show_line(leg, *me.signer, std::move(credentials));
}

// Saves the relay the wait for what each socket will do; nothing depends on it.
asio::awaitable<Result<bool>> tell_relay(Caller me, Wanted wanted, proto::SessionId session,
                                         Met met) {
  if (!met.lease.auto_detects_auth || !may_use_escr(wanted.relay_auth)) co_return false;
  const proto::AuthModes modes{session, met.lease.relay_nonce, met.modes.client, met.modes.device};
  atclient::Letter letter{met.relay, proto::relay_hint_key(wanted.device.name),
                          proto::encode(modes)};
  auto sent = co_await me.mail.notify(std::move(letter), net::in(kSessionPatience));
  if (!sent) log::info("client", "no hint to the relay", {{"why", sent.error().what()}});
  co_return sent.has_value();
}

asio::awaitable<Result<void>> share_key(Caller me, Wanted wanted, Say say) {
  if (!wanted.ssh_key) co_return Result<void>();
  say("Sharing ssh public key");
  auto sent =
      co_await send_ssh_key(me.mail, wanted.device, *wanted.ssh_key, net::in(kSessionPatience));
  if (!sent) co_return fail(std::move(sent).error());
  co_return Result<void>();
}

}  // namespace

proto::Features needed_features(const Wanted& wanted) noexcept {
  proto::Features needed;
  if (wanted.kind == proto::RequestKind::npt) {
    needed.relay_auth = needed.encryption = needed.port_choice = true;
    needed.adjustable_timeout = wanted.timeout != kUsualTimeout;
  } else {
    needed.relay_auth = wanted.authenticate_device;
    needed.encryption = wanted.encrypt;
    needed.accepts_public_keys = wanted.ssh_key.has_value();
  }
  return needed;
}

asio::awaitable<Result<bridge::Leg>> open_tunnel(Caller me, EphemeralKey& ephemeral, Wanted wanted,
                                                 Say say, Phases& phases) {
  const auto asked = lease_request(me, wanted);
  auto met = co_await meet(me, wanted, asked, say, phases);
  if (!met) co_return fail(std::move(met).error());
  auto shared = co_await share_key(me, wanted, say);
  if (!shared) co_return fail(std::move(shared).error());
  auto pair = co_await timed(phases, "key pair wait", ephemeral.get());
  if (!pair) co_return fail(std::move(pair).error());

  say("Sending session request to the device daemon");
  say("Waiting for response from the device daemon");
  auto request = session_request(wanted, asked, *met, pair->public_key());
  auto asking = ask_session(me, wanted.device, std::move(request), net::in(kSessionPatience));
  auto [told, grant] = co_await net::both(tell_relay(me, wanted, asked.session, *met),
                                          timed(phases, "session answer", std::move(asking)));
  if (!grant) co_return fail(std::move(grant).error());
  say("Received response from the device daemon");

  auto protection = protection_of(*grant, wanted.encrypt, *pair);
  if (!protection) co_return fail(std::move(protection).error());
  bridge::Leg leg;
  leg.relay_host = met->lease.host;
  leg.relay_port = met->lease.client_port;
  leg.protection = *std::move(protection);
  leg.takes_heartbeats = wanted.encrypt && met->features.control_heartbeats;
  auto set = co_await set_door(leg, me, wanted, asked, *met);
  if (!set) co_return fail(std::move(set).error());
  co_return leg;
}

}  // namespace noports::client
