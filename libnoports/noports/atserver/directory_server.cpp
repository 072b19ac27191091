// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/directory_server.hpp"

#include <algorithm>

#include "noports/atserver/directory.hpp"
#include "noports/atserver/http_lookup.hpp"
#include "noports/atserver/http_server.hpp"
#include "noports/atserver/wire.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kLongestLine = 1024;  // bytes; an atSign has at most 220
// Somebody who guesses names has to connect again and again. Empty lines do not count.
constexpr int kMostMisses = 32;

}  // namespace

asio::awaitable<void> serve_directory(Services& services, Hosts& hosts, std::string host_name,
                                      net::Socket socket,
                                      [[maybe_unused]] Admission::Slot held_to_the_end) {
  const auto deadline = net::in(services.limits.directory);
  const auto handshake = std::min(deadline, net::in(services.limits.handshake));
  auto stream = co_await net::accept_tls(services.tls, std::move(socket), handshake);
  if (!stream) {
    log::debug("directory", "no TLS", {{"why", stream.error().what()}});
    co_return;
  }
  const bool http = (*stream)->protocol() == kHttp;
  const auto longest = http ? services.limits.stranger_line : kLongestLine;
  const auto wire = std::make_shared<Wire>(services.tasks, *std::move(stream), longest);
  wire->set_deadline(deadline);
  if (http) co_return co_await serve_http(services, wire, std::nullopt);
  wire->send(std::string(kDirectoryGreeting));
  int misses = 0;
  bool open = true;
  while (open && misses < kMostMisses) {
    const auto line = co_await wire->next_line();
    if (!line || is_directory_exit(*line) || services.drain.has_begun()) break;
    const Drain::Work work(services.drain);
    const auto atsign = directory_query(*line);
    std::optional<std::uint16_t> port;
    if (atsign) port = hosts.port_of(*atsign);
    std::optional<std::string> place;
    if (port) place = host_name + ":" + std::to_string(*port);
    if (!place && !line->empty()) ++misses;
    wire->owe();
    // A port that was given just now is told when it is remembered.
    services.commits->after([wire, answer = directory_answer(place)](bool kept) {
      wire->pay(kept ? answer : directory_answer(std::nullopt));
    });
    open = co_await wire->settled();
  }
  wire->close();
}

}  // namespace noports::atserver
