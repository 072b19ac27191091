// SPDX-License-Identifier: BSD-3-Clause
// What the tests of client share: a client's mailbox, keys for both ends, and a device and a relay
// that answer as told.
#pragma once

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "noports/client/open_tunnel.hpp"
#include "noports/proto/envelope.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"

namespace noports::test {

inline at::Atsign atsign(std::string_view text) { return *at::Atsign::parse(text); }

// Generated once for all tests: the device's and a stranger's are different ones.
inline crypto::PrivateKey key_of(std::string_view who) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto found = keys.find(std::string(who));
  if (found == keys.end()) {
    found = keys.emplace(std::string(who), *crypto::PrivateKey::generate()).first;
  }
  return found->second;
}

struct World {
  World() {
    mail.public_keys.emplace("@dev", key_of("@dev").public_key());
    mail.public_keys.emplace("@ann", key_of("@ann").public_key());
  }

  asio::io_context loop;
  FakeMailbox mail{loop.get_executor(), "@ann"};
  client::Device device{atsign("@dev"), *proto::DeviceName::parse("lab")};
  client::Caller me{mail, atclient::key_signer(key_of("@ann"))};

  template <class T>
  Result<T> run(asio::awaitable<Result<T>> op) {
    return test::run(loop, std::move(op));
  }
};

inline proto::PingAnswer ping_answer() {
  proto::PingAnswer answer;
  answer.device_name = "lab";
  answer.version = answer.core_version = "1";
  answer.features.relay_auth = answer.features.encryption = answer.features.port_choice = true;
  answer.features.accepts_public_keys = answer.features.adjustable_timeout = true;
  answer.features.twin_keys = true;
  return answer;
}

inline proto::Lease lease() { return {"relay.example", 40001, 40002, "relay-nonce", false, false}; }

}  // namespace noports::test
