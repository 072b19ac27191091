// SPDX-License-Identifier: BSD-3-Clause
// The device asks its policy service about clients that are no managers (noports-newer.md 14.1,
// noports-wire.md 14).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/policy.hpp"

namespace noports::daemon {

class PolicyAsker {
 public:
  // An answer, also a no, is good for so long.
  static constexpr std::chrono::seconds kGoodFor{15};
  // A client waits 15 s for what it asked us.
  static constexpr std::chrono::seconds kPatience{10};
  // Questions at a time: strangers may cause one each.
  static constexpr std::size_t kMostAsked = 64;

  // `mail` outlives it, and it outlives every ask().
  PolicyAsker(asio::any_io_executor executor, atclient::Mailbox& mail, proto::DeviceName device,
              std::string group);

  // The answer of `policy`, of hers alone, about `client`: a success. Callers who ask the same at
  // the same time share one question. Hop policy: timed_out, refused (a nack or an error, with its
  // message), bad_syntax. Other hops: the question could not be sent. `fresh` takes neither
  // an answer that is remembered nor one to a question that was put before.
  asio::awaitable<Result<proto::PolicyReply>> ask(at::Atsign policy, at::Atsign client, bool fresh,
                                                  std::chrono::milliseconds patience = kPatience);

  void forget() { answers_.clear(); }

 private:
  struct Question;
  using Subject = std::pair<at::Atsign, at::Atsign>;  // policy, client
  struct Answer {
    proto::PolicyReply reply;
    net::Deadline good_until;
  };

  const proto::PolicyReply* remembered(const Subject& subject) const;
  void remember(const Subject& subject, const proto::PolicyReply& reply);
  std::int64_t next_id();
  asio::awaitable<Result<proto::PolicyReply>> put(Subject subject, net::Deadline deadline);
  asio::awaitable<Result<void>> send(atclient::Letter letter, net::Deadline deadline);

  asio::any_io_executor executor_;
  atclient::Mailbox& mail_;
  proto::DeviceName device_;
  std::string group_;
  std::map<Subject, std::shared_ptr<Question>> questions_;
  std::map<Subject, Answer> answers_;
  std::int64_t last_id_ = 0;
};

}  // namespace noports::daemon
