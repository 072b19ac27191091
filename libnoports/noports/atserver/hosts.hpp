// SPDX-License-Identifier: BSD-3-Clause
// The atServers of the platform: one listening port for each atSign, given once and kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "noports/at/atsign.hpp"
#include "noports/atserver/services.hpp"
#include "noports/net/tcp.hpp"

namespace noports::atserver {

class Hosts {
 public:
  Hosts(Services& services, std::string listen_address)
      : services_(services), address_(std::move(listen_address)) {}

  // Listens for every atSign in the store. busy when a port is taken.
  Result<void> open_all();
  // Begins to accept for those that are open, and for each one that opens later.
  void start();
  // The port of an atSign, opened now if it was added since. Nothing for atSigns that are not here
  // and when it cannot be opened (logged). May write to the store.
  std::optional<std::uint16_t> port_of(const at::Atsign& atsign);
  void close();

 private:
  struct Host {
    Account account;
    net::Acceptor acceptor;
  };
  Result<std::uint16_t> open(Account account);
  void accept_for(Host& host);

  Services& services_;
  std::string address_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  bool started_ = false;
};

}  // namespace noports::atserver
