// SPDX-License-Identifier: BSD-3-Clause
// The atServers of the platform: one listening port for each atSign, given once and kept.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/join_message.hpp"
#include "noports/atserver/services.hpp"
#include "noports/net/tcp.hpp"

namespace noports::atserver {

class Hosts {
 public:
  Hosts(Services& services, std::string listen_address)
      : services_(services), address_(std::move(listen_address)) {}

  // Listens for every atSign in the store that is not listened for yet, and ends the connections of
  // those that are not there any more or were put there anew. One that cannot be listened for, its
  // port being taken for example, is skipped with a warning: the next call and the next question
  // for it try again. May write to the store; an error is the store's.
  Result<void> follow_store();
  // Begins to accept for those that are open, and for each one that opens later.
  void start();
  // The port of an atSign, opened now if it was added since. Nothing for atSigns that are not here
  // and when it cannot be opened (warned of). May write to the store.
  std::optional<std::uint16_t> port_of(const at::Atsign& atsign);
  // All that are listened for, with their ports.
  std::vector<HostedAtsign> listed() const;
  // Another number whenever listed() has changed.
  std::uint64_t changes() const noexcept { return changes_; }
  // Nothing is accepted any more, and nothing opened.
  void close();
  // Ends all connections and returns when the last has ended. After close().
  asio::awaitable<void> join();

 private:
  struct Host {
    Host(Account account_, net::Acceptor acceptor_, net::TaskGroup& services);
    Account account;
    net::Acceptor acceptor;
    net::TaskGroup tasks;  // the acceptor's and the connections
  };
  void retire(std::unique_ptr<Host> host);
  Result<std::uint16_t> open(Account account);
  std::optional<std::uint16_t> try_open(Account account);
  void accept_for(Host& host);

  Services& services_;
  std::string address_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Host>> retired_;  // until their last connection has ended
  std::set<std::string> unheard_;               // atSigns that could not be opened; warned of once
  std::uint64_t changes_ = 0;
  bool started_ = false, closed_ = false;
};

}  // namespace noports::atserver
