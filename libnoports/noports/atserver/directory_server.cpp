// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/directory_server.hpp"

#include <algorithm>
#include <chrono>

#include "noports/atserver/directory.hpp"
#include "noports/atserver/http_lookup.hpp"
#include "noports/atserver/http_server.hpp"
#include "noports/atserver/join_server.hpp"
#include "noports/atserver/wire.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kLongestLine = 1024;  // bytes; an atSign has at most 220
// Somebody who guesses names has to connect again and again. Empty lines do not count.
constexpr int kMostMisses = 32;
constexpr std::chrono::seconds kElsewhere{5};  // to be told by another platform

// Nothing: nobody has it. An error: that could not be learnt, and must not be taken for nobody.
asio::awaitable<Result<std::optional<Place>>> place_of(Services& services, Hosts& hosts,
                                                       std::string host_name,
                                                       std::optional<at::Atsign> atsign) {
  if (!atsign) co_return std::optional<Place>();
  if (const auto port = hosts.port_of(*atsign)) {
    co_return std::optional<Place>(Place{host_name, *port});
  }
  if (!services.elsewhere) co_return std::optional<Place>();
  auto place = co_await services.elsewhere->find(*atsign, net::in(kElsewhere));
  if (place) co_return std::optional<Place>(*std::move(place));
  if (place.error().code() == Errc::not_found) co_return std::optional<Place>();
  log::debug("directory", "another platform could not be asked", {{"why", place.error().what()}});
  co_return fail(std::move(place).error());
}

bool is_near(net::Stream& stream) {
  std::error_code ours_gone, theirs_gone;
  const auto ours = stream.socket().local_endpoint(ours_gone).address();
  const auto theirs = stream.socket().remote_endpoint(theirs_gone).address();
  return !ours_gone && !theirs_gone && (ours == theirs || theirs.is_loopback());
}

}  // namespace

asio::awaitable<void> serve_directory(Services& services, Hosts& hosts, std::string host_name,
                                      const JoinTerms* terms, net::Socket socket,
                                      Admission::Slot slot) {
  const auto deadline = net::in(services.limits.directory);
  const auto handshake = std::min(deadline, net::in(services.limits.handshake));
  auto stream = co_await net::accept_tls(services.tls, std::move(socket), handshake);
  if (!stream) {
    log::debug("directory", "no TLS", {{"why", stream.error().what()}});
    co_return;
  }
  const bool http = (*stream)->protocol() == kHttp, near = is_near(**stream);
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
    if (is_join(*line)) {
      co_await serve_join(services, terms, wire, slot, near, *line);
      break;
    }
    const auto place = co_await place_of(services, hosts, host_name, directory_query(*line));
    // No answer makes a client ask again.
    if (!place || services.drain.has_begun()) break;
    const Drain::Work work(services.drain);
    if (!*place && !line->empty()) ++misses;
    wire->owe();
    // A port that was given just now is told when it is remembered.
    services.commits->after([wire, answer = directory_answer(*place)](bool kept) {
      wire->pay(kept ? answer : directory_answer(std::nullopt));
    });
    open = co_await wire->settled();
  }
  wire->close();
}

}  // namespace noports::atserver
