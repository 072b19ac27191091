// SPDX-License-Identifier: BSD-3-Clause
// The relay service: answers requests for a meeting point and serves the sessions.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/task_group.hpp"
#include "noports/relay/admission.hpp"
#include "noports/relay/rendezvous.hpp"
#include "noports/relay/signing_keys.hpp"
#include "noports/relay/single_port.hpp"

namespace noports::relay {

struct Options {
  std::string address;       // told to clients, verbatim: host name or IP
  std::string bind_address;  // where the session ports listen
  Rules rules;
  Limits limits = {};
  // The port that sessions may share, bound at `bind_address`, and what clients are told that it
  // is. Nothing: none.
  struct OnePort {
    std::uint16_t bound = 443, told = 443;
  };
  std::optional<OnePort> one_port = {};
  // Told of each request that was taken up, with its time by the atServer's clock.
  std::function<void(std::int64_t epoch_millis)> on_taken = [](std::int64_t) {};
};

class Relay {
 public:
  // `mail` and `pumps` outlive it.
  Relay(asio::any_io_executor executor, atclient::Mailbox& mail, bridge::Pumps& pumps,
        Options options);

  // Until the mailbox closes (error) or cancellation, which ends the sessions.
  asio::awaitable<Result<void>> run();

 private:
  asio::awaitable<Result<void>> take_requests();
  Result<void> open_single_port();
  asio::awaitable<void> serve(atclient::Note note);
  asio::awaitable<bool> claim(proto::LeaseRequest request);
  asio::awaitable<Result<void>> hold_session(proto::LeaseRequest request);
  asio::awaitable<Result<std::unique_ptr<Rendezvous>>> open(proto::LeaseRequest request,
                                                            std::string relay_nonce);
  asio::awaitable<Result<SideRules>> side(proto::LeaseRequest request, proto::RelaySide which);
  void prefetch(const proto::LeaseRequest& request);
  asio::awaitable<void> prefetch(proto::SigningKeyUri record);
  void take_hint(const atclient::Note& note);
  asio::awaitable<void> refuse(proto::LeaseRequest request, std::string reason);

  asio::any_io_executor executor_;
  atclient::Mailbox& mail_;
  bridge::Pumps& pumps_;
  Options options_;
  Ledger ledger_;
  SigningKeys signing_keys_;
  std::unique_ptr<SinglePort> single_;
  // The sessions whose ports are open, for hints.
  struct Live {
    at::Atsign client;
    std::string relay_nonce;
    Rendezvous* meeting;
  };
  std::map<proto::SessionId, Live> live_;
  net::TaskGroup tasks_;
};

}  // namespace noports::relay
