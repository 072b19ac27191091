// SPDX-License-Identifier: BSD-3-Clause
// The device's service: listens for letters of its managers, and of those whom its policy service
// knows, and serves what they ask for.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <string_view>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/daemon/announcements.hpp"
#include "noports/daemon/ask_policy.hpp"
#include "noports/daemon/authorize.hpp"
#include "noports/daemon/live_sessions.hpp"
#include "noports/daemon/options.hpp"
#include "noports/daemon/seen_file.hpp"
#include "noports/daemon/session.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/task_group.hpp"

namespace noports::daemon {

class Daemon {
 public:
  // `mail`, `poller` and `signer` outlive it.
  Daemon(asio::any_io_executor executor, atclient::Mailbox& mail, net::Poller& poller,
         atclient::Signer& signer, Options options);

  // Until the mailbox closes (error) or cancellation, which ends the sessions.
  asio::awaitable<Result<void>> run();

  // Other rules from now on, for new sessions and for those that live: what they allow no more ends
  // within a second, the rest is not disturbed. While run() runs, on its loop's thread.
  void apply(Rules rules);

 private:
  asio::awaitable<Result<void>> take_letters();
  bool wants(const at::Atsign& from, std::string_view key);
  bool is_policy_news(const at::Atsign& from, std::string_view key) const;
  void log_stranger(const at::Atsign& from, std::string_view key, const char* sentence,
                    std::string_view why);
  void dispatch(atclient::Note note);
  void serve(atclient::Note note, Standing standing);
  asio::awaitable<void> ask_first(atclient::Note note);
  asio::awaitable<void> refuse(atclient::Note note, std::string reason);
  asio::awaitable<void> answer_ping(at::Atsign to, std::string text);
  asio::awaitable<void> share_ssh_key(atclient::Note note);

  // For whoever has a session and is no manager.
  asio::awaitable<void> follow_policy();
  void ask_again();
  asio::awaitable<void> ask_again(at::Atsign client, std::chrono::milliseconds patience,
                                  bool ends_unanswered);

  atclient::Mailbox& mail_;
  Options options_;
  SeenFile seen_;
  LiveSessions sessions_;
  std::size_t live_ = 0;
  std::size_t asking_ = 0;  // letters whose senders the policy service is being asked about
  Announcements announcements_;
  PolicyAsker policy_;
  Host host_;
  net::TaskGroup tasks_;
  // When each stranger was last logged, so that nobody fills the log (S19).
  std::map<at::Atsign, std::chrono::steady_clock::time_point> strangers_;
};

}  // namespace noports::daemon
