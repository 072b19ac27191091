// SPDX-License-Identifier: BSD-3-Clause
// The arrangement of a session, against a relay and a device that answer as told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "noports/client/open_tunnel.hpp"
#include "unit/client/world.hpp"

namespace noports::test {

// A relay and a device that follow the protocol, as far as the fields do not say otherwise.
struct Opening : World {
  proto::PingAnswer ping = test::ping_answer();
  proto::Lease lease = test::lease();
  bool is_old = false;    // answers with a single key whatever it was asked for
  bool is_plain = false;  // answers without keys
  std::optional<proto::SessionRequest> asked;
  std::optional<proto::LeaseRequest> asked_relay;
  std::vector<std::string> said;
  client::Phases phases;
  client::Wanted wanted{proto::RequestKind::npt, device, atsign("@relay")};

  Opening() {
    wanted.target_port = 5432;
    wanted.ping_timeout = std::chrono::seconds(1);
    mail.on_letter = [this](const atclient::Letter& letter) { answer(letter); };
  }

  void answer(const atclient::Letter& letter) {
    const auto& key = letter.key.str();
    if (key == "ping.lab.sshnp") {
      mail.answers("@dev", "heartbeat.lab.sshnp", proto::encode(ping));
    } else if (key == "lab.request_ports.sshrvd") {
      asked_relay = proto::decode_lease_request(letter.value).value();
      mail.answers("@relay", proto::relay_answer_key(asked_relay->session.str()).str(),
                   proto::encode_json(lease));
    } else if (key == "npt_request.lab.sshnp" || key == "ssh_request.lab.sshnp") {
      grant(letter.value);
    }
  }

  void grant(const std::string& envelope) {
    asked = proto::decode_session_request(wanted.kind, proto::decode_envelope(envelope)->payload)
                .value();
    const bool is_twin = asked->twin_keys && !is_old;
    const auto keys = proto::fresh_session_keys(is_twin);
    const auto ephemeral = crypto::PublicKey::parse(*asked->client_ephemeral_key);
    const auto yes = is_plain || !asked->encrypt
                         ? proto::plain_grant(asked->session)
                         : *proto::make_grant(asked->session, keys, *ephemeral);
    mail.answers("@dev", proto::device_key(asked->session.str(), device.name).str(),
                 *proto::seal_envelope(proto::encode(yes, wanted.kind), key_of("@dev")));
  }

  asio::awaitable<Result<bridge::Leg>> whole() {
    // Taken here: the pair is "made" on a thread of the pool, where key_of() has no business.
    const Result<crypto::PrivateKey> made = key_of("ephemeral");
    client::EphemeralKey ephemeral(loop.get_executor(), [made] { return made; });
    const auto say = [this](std::string_view text) { said.emplace_back(text); };
    auto leg = co_await client::open_tunnel(me, ephemeral, wanted, say, phases);
    co_await ephemeral.close();
    co_return leg;
  }
  Result<bridge::Leg> open() { return run(whole()); }
};

}  // namespace noports::test
