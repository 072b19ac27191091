// SPDX-License-Identifier: BSD-3-Clause
// A session at the relay whose sides may use both modes, and sockets to play them.
#pragma once

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "noports/net/poller.hpp"
#include "noports/net/stream.hpp"
#include "noports/relay/rendezvous.hpp"
#include "support/loop.hpp"

namespace noports::test {

using proto::RelayAuthMode;
using proto::RelaySide;

inline at::Atsign atsign(std::string_view text) { return *at::Atsign::parse(text); }

inline proto::SigningKeyUri record_of(std::string_view owner, const std::string& enrolment) {
  return *proto::SigningKeyUri::of(atsign(owner), enrolment);
}

inline const crypto::PrivateKey& key_of(const std::string& who) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto found = keys.find(who);
  if (found == keys.end()) found = keys.emplace(who, *crypto::PrivateKey::generate()).first;
  return found->second;
}

// What a line says; all of it right for the client as long as nothing is changed.
struct Claim {
  RelaySide side = RelaySide::client;
  std::string signer = "@client";
  std::string owner = "@client", enrolment = "primary";
  std::optional<proto::SessionId> session;
  std::string challenge;  // empty: the one that was given
};

// A session at the relay whose sides may use both modes.
struct EscrWorld {
  explicit EscrWorld(std::chrono::milliseconds detection = std::chrono::milliseconds(20),
                     std::optional<RelayAuthMode> declared = {}) {
    published[record_of("@client", "primary").str()] = "@client";
    published[record_of("@device", "primary").str()] = "@device";
    limits.detection = detection;
    auto client = rules("@client");
    client.mode = declared;
    meeting = *relay::Rendezvous::open(loop.get_executor(), "127.0.0.1", credentials,
                                       std::move(client), rules("@device"), pumps, limits);
  }
  relay::SideRules rules(const std::string& owner) {
    relay::SideRules made;
    made.owner = atsign(owner);
    made.escr_key = std::make_shared<const crypto::Secret>(aes_key);
    made.fetch_key = [owner](bool) -> asio::awaitable<Result<crypto::PublicKey>> {
      co_return key_of(owner).public_key();
    };
    made.signing_keys = [this](proto::SigningKeyUri record, bool fresh) {
      return look_up(std::move(record), fresh);
    };
    return made;
  }
  asio::awaitable<Result<relay::SideRules::SigningKeys>> look_up(proto::SigningKeyUri record,
                                                                 bool fresh) {
    looked_up.push_back((fresh ? "fresh " : "") + record.str());
    const auto& names = fresh ? published_anew : published;
    const auto found = names.find(record.str());
    if (found == names.end()) co_return fail(Errc::not_found, "there is none");
    co_return *proto::decode_signing_keys(key_of(found->second).public_key().text());
  }

  std::string answer(const Claim& claim, const std::string& challenge) const {
    const proto::EscrPayload payload{claim.session.value_or(credentials.session),
                                     claim.challenge.empty() ? challenge : claim.challenge,
                                     claim.side};
    const auto signature = *key_of(claim.signer).sign(proto::encode(payload));
    const proto::EscrKey key{record_of(claim.owner, claim.enrolment)};
    return *proto::encode_escr_line(payload, key, signature, std::as_bytes(std::span(aes_key)),
                                    std::string(16, 'i'));
  }
  std::string payload_line(const std::string& who) const {
    return *proto::relay_auth_line(credentials, key_of(who));
  }

  asio::awaitable<net::Stream> dial(std::uint16_t port, std::string first = "") {
    auto socket = co_await net::dial("127.0.0.1", port, net::in(std::chrono::seconds(5)));
    REQUIRE(socket);
    net::Stream stream(*std::move(socket));
    if (!first.empty()) {
      const auto written = co_await stream.write_all(first);
      REQUIRE(written);
    }
    co_return stream;
  }
  asio::awaitable<std::string> hear(net::Stream& stream) {
    auto line = co_await net::before(net::in(std::chrono::seconds(20)), stream.read_line());
    co_return line ? *line : "<" + line.error().what() + ">";
  }
  // A socket that is past the door, with what the relay said last.
  asio::awaitable<std::string> pass(net::Stream& stream, Claim claim, std::string behind = "") {
    const auto challenge = co_await hear(stream);
    challenges.push_back(challenge);
    const auto written = co_await stream.write_all(answer(claim, challenge) + behind);
    REQUIRE(written);
    co_return co_await hear(stream);
  }
  static Claim client() { return Claim(); }
  static Claim device() {
    Claim claim;
    claim.side = RelaySide::device;
    claim.signer = claim.owner = "@device";
    return claim;
  }
  // Runs the session beside `play`; ends when play has ended.
  void run(asio::awaitable<void> play) {
    net::TaskGroup tasks(loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
    tasks.spawn(serve());
    test::run(loop, finish(tasks, std::move(play)));
  }
  asio::awaitable<void> serve() { co_await meeting->run(); }
  static asio::awaitable<void> finish(net::TaskGroup& tasks, asio::awaitable<void> play) {
    co_await std::move(play);
    tasks.cancel();
    co_await tasks.join();
  }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  bridge::Pumps pumps{poller};
  relay::Limits limits;
  std::string aes_key = std::string(32, 'k');
  proto::RelayCredentials credentials{proto::SessionId::fresh(), "client-nonce", "relay-nonce"};
  // Whose key stands in a record: at first, and when it is asked for anew.
  std::map<std::string, std::string> published, published_anew;
  std::vector<std::string> looked_up, challenges;
  std::unique_ptr<relay::Rendezvous> meeting;
};

// The rest of the stream, which has to end.
inline asio::awaitable<std::string> rest_of(net::Stream& stream) {
  std::string all;
  for (;;) {
    auto some = co_await net::before(net::in(std::chrono::seconds(20)), stream.read_some());
    if (!some || some->empty()) co_return all;
    all += *some;
  }
}

inline asio::awaitable<void> expect(net::Stream& stream, std::string bytes) {
  std::string all;
  while (all.size() < bytes.size()) {
    auto some = co_await net::before(net::in(std::chrono::seconds(20)),
                                     stream.read_some(bytes.size() - all.size()));
    if (!some || some->empty()) break;
    all += *some;
  }
  CHECK(all == bytes);
}

}  // namespace noports::test
