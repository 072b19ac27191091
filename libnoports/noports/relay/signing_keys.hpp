// SPDX-License-Identifier: BSD-3-Clause
// The records of signing keys that were looked up lately, or on the client's word in advance
// (noports-newer.md 6.1 `preFetch`, 7.3). One loop's.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/proto/signing_key.hpp"

namespace noports::relay {

class SigningKeys {
 public:
  using Keys = std::vector<proto::SigningKey>;

  static constexpr std::chrono::seconds kMemory{30};  // the reference's
  static constexpr std::size_t kMost = 1'024;         // records remembered

  explicit SigningKeys(atclient::Mailbox& mail) : mail_(mail) {}  // outlives it

  // What stands in the record; `fresh`: past what is remembered. not_found when there is none,
  // bad_syntax when it holds no key.
  asio::awaitable<Result<Keys>> get(proto::SigningKeyUri record, bool fresh,
                                    net::Deadline deadline);

 private:
  using Clock = std::chrono::steady_clock;
  struct Found {
    Keys keys;
    Clock::time_point when;
  };
  void keep(const std::string& name, const Keys& keys);

  atclient::Mailbox& mail_;
  std::map<std::string, Found> found_;
};

}  // namespace noports::relay
