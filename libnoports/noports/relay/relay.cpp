// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/relay.hpp"

#include <utility>

#include "noports/crypto/random.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/device.hpp"

namespace noports::relay {
namespace {

// A client waits 20 s for its answer (noports-wire.md 15): what takes longer is of no use to it.
constexpr std::chrono::seconds kPatience{20};

}  // namespace

Relay::Relay(asio::any_io_executor executor, atclient::Mailbox& mail, bridge::Pumps& pumps,
             Options options)
    : executor_(executor),
      mail_(mail),
      pumps_(pumps),
      options_(std::move(options)),
      tasks_(executor, log::escapes("relay")) {}

asio::awaitable<Result<void>> Relay::run() { return net::scoped(tasks_, take_requests()); }

asio::awaitable<Result<void>> Relay::take_requests() {
  auto inbox = mail_.subscribe(
      [](const at::Atsign&, std::string_view key) { return proto::is_relay_request(key); });
  log::info("relay", "ready", {{"atsign", mail_.self().str()}, {"address", options_.address}});
  for (;;) {
    auto note = co_await inbox.next();
    if (!note) co_return fail(std::move(note).error());
    options_.on_taken(note->epoch_millis);
    tasks_.spawn(serve(*std::move(note)));
  }
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

asio::awaitable<Result<void>> Relay::hold_session(proto::LeaseRequest request) {
  const std::string nonce = crypto::random_nonce();
  auto meeting = co_await open(request, nonce);
  if (!meeting) co_return fail(std::move(meeting).error());

  proto::Lease lease;
  lease.host = options_.address;
  lease.client_port = (*meeting)->client_port();
  lease.device_port = (*meeting)->device_port();
  lease.relay_nonce = nonce;
  atclient::Letter letter{request.client, proto::relay_answer_key(request.session.str()),
                          request.json_answer ? encode_json(lease) : encode_csv(lease)};
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
  auto [client, device] = co_await net::both(side(request.client, request.authenticate_client),
                                             side(request.device, request.authenticate_device));
  if (!client) co_return fail(std::move(client).error());
  if (!device) co_return fail(std::move(device).error());
  proto::RelayCredentials credentials{request.session, request.client_nonce,
                                      std::move(relay_nonce)};
  co_return Rendezvous::open(executor_, options_.bind_address, std::move(credentials),
                             *std::move(client), *std::move(device), pumps_, options_.limits);
}

asio::awaitable<Result<SideRules>> Relay::side(at::Atsign owner, bool authenticates) {
  SideRules rules;
  if (!authenticates) co_return rules;
  auto key = co_await mail_.public_key(owner, false, net::in(kPatience));
  if (!key)
    co_return fail(std::move(key).error().during("fetching the public key of " + owner.str()));
  rules.key = *std::move(key);
  rules.refetch = [this, owner] { return mail_.public_key(owner, true, net::in(kPatience)); };
  co_return rules;
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
