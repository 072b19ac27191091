// SPDX-License-Identifier: BSD-3-Clause
// What all connections of a platform share. Lives longer than its task group has tasks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "noports/atserver/admission.hpp"
#include "noports/atserver/drain.hpp"
#include "noports/atserver/elsewhere.hpp"
#include "noports/atserver/enrolled.hpp"
#include "noports/atserver/group_commit.hpp"
#include "noports/atserver/monitors.hpp"
#include "noports/atserver/outbox.hpp"
#include "noports/atserver/store.hpp"
#include "noports/net/task_group.hpp"
#include "noports/net/tls.hpp"

namespace noports::atserver {

// What strangers and slow readers may take of us.
struct Limits {
  // Connections that are not authenticated: to the directory so many, to the atServers as many.
  std::size_t strangers_per_address = 64;
  std::size_t strangers = 4096;
  // Authenticated connections to one atSign: the inbound pool limit of the reference.
  std::size_t owners = 200;
  // Connections of other atServers: for one atSign to one of ours, and in all; and how long they
  // may say nothing.
  std::size_t peers_per_atsign = 8;
  std::size_t peers = 2048;
  std::chrono::milliseconds peer_idle{600'000};
  std::chrono::milliseconds statistics{15'000};  // how often monitors are told, besides commits
  std::chrono::milliseconds handshake{10'000};
  // From being accepted to being authenticated, however much is said meanwhile. Activation asks
  // people between two lines; a directory answers from memory.
  std::chrono::milliseconds stranger{120'000};
  std::chrono::milliseconds directory{30'000};
  std::chrono::milliseconds patience{60'000};  // to finish a line, to read an answer
  // For requests that are being answered when the platform is told to stop; systems and apps::run
  // wait longer than that.
  std::chrono::milliseconds drain{3'000};
  std::size_t stranger_line = 16 * 1024;  // bytes
  std::size_t line = 10'240'000;          // bytes, authenticated
  std::size_t queue = 8 * 1024 * 1024;    // bytes that wait for a monitor before it is dropped
};

struct Services {
  Services(asio::any_io_executor executor, std::unique_ptr<Store> store, net::TlsContext tls,
           Limits limits);

  Limits limits;
  std::int64_t started;  // milliseconds since 1970
  std::unique_ptr<Store> store;
  net::TlsContext tls;
  std::vector<Arrival> arrived;  // in this Scope, for the monitors after the commit
  std::shared_ptr<GroupCommit> commits;
  Monitors monitors;
  Enrolled enrolled;
  std::unique_ptr<Elsewhere> elsewhere;  // null: there are no other platforms
  std::unique_ptr<Outbox> outbox;
  Admission strangers;            // of the atServers
  Admission directory_strangers;  // a budget of its own: who fills one leaves the other open
  Admission owners;               // authenticated connections, by atSign
  Admission peers;                // connections of other atServers, by both atSigns
  Rarely refusals;
  Drain drain;
  net::TaskGroup tasks;
};

// Milliseconds since 1970.
std::int64_t wall_clock();

}  // namespace noports::atserver
