// SPDX-License-Identifier: BSD-3-Clause
// How the sockets of one side of a session prove whose they are: in payload mode by a line of their
// own, in ESCR mode by the answer to a challenge; which of the two is found out for each socket
// (noports-newer.md 7, 8).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/tcp.hpp"
#include "noports/proto/escr.hpp"
#include "noports/proto/lease.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/proto/signing_key.hpp"

namespace noports::relay {

// One side as the request describes it.
struct SideRules {
  std::optional<at::Atsign>
      owner;  // whose sockets they are; nobody: joined at once, without a word
  // Payload mode: the owner's key where it is known already, and how to get it. Past every cache
  // (`fresh`) it is asked for at most once, when a signature does not verify.
  std::optional<crypto::PublicKey> key;
  std::function<asio::awaitable<Result<crypto::PublicKey>>(bool fresh)> fetch_key;
  // ESCR: the session's relayAuthAesKey, 32 bytes. Null: this side has payload mode alone.
  std::shared_ptr<const crypto::Secret> escr_key;
  // What stands in a record of the owner's; of nobody else's is ever asked.
  using SigningKeys = std::vector<proto::SigningKey>;
  std::function<asio::awaitable<Result<SigningKeys>>(proto::SigningKeyUri, bool fresh)>
      signing_keys;
  std::optional<proto::RelayAuthMode> mode;  // where it is known from the beginning
};

class Door {
 public:
  // `rules.owner` is there. A socket that says nothing within `window` is given a challenge.
  Door(proto::RelaySide side, SideRules rules, proto::RelayCredentials session,
       std::chrono::milliseconds window);

  // Has the socket prove itself; what it sent behind its proof. Has no time limit of its own.
  // Errors: bad_syntax, bad_signature, what looking up a key ended with, disconnected.
  asio::awaitable<Result<std::string>> admit(net::Socket& socket);

  // How this side authenticates, when somebody says so who may. What is known already stays.
  void learn(proto::RelayAuthMode mode);

  // What is known of it, from words or from a socket that has passed.
  std::optional<proto::RelayAuthMode> mode() const noexcept { return rules_.mode; }

  // The two halves of ESCR, for a socket that somebody else has challenged. A line, without its
  // end, that answers `challenge` for this session and side, and names a record of the owner's; it
  // is not believed yet.
  Result<proto::EscrProof> read_answer(std::string_view line, std::string_view challenge) const;
  // Whether it is to be believed; the socket is told.
  asio::awaitable<Result<void>> judge(net::Stream& stream, Result<proto::EscrProof> proof);

 private:
  asio::awaitable<Result<proto::RelayAuthMode>> mode_of(net::Socket& socket);
  asio::awaitable<Result<void>> take_line(net::Stream& stream);
  asio::awaitable<Result<void>> take_answer(net::Stream& stream);
  asio::awaitable<Result<void>> check_line(std::string line);
  asio::awaitable<Result<void>> check_proof(Result<proto::EscrProof> read);
  asio::awaitable<Result<SideRules::SigningKeys>> keys_of(proto::SigningKeyUri record, bool fresh);

  proto::RelaySide side_;
  SideRules rules_;
  proto::RelayCredentials session_;
  std::chrono::milliseconds window_;
  std::set<net::Socket*> undecided_;  // wait for their first byte, or for learn()
  std::map<std::string, SideRules::SigningKeys> known_;  // by record
  bool key_refetched_ = false, record_refetched_ = false;
};

}  // namespace noports::relay
