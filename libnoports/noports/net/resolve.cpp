// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/resolve.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <asio/ip/address.hpp>
#include <cstring>
#include <memory>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/net/offload.hpp"

namespace noports::net {
namespace {

using Endpoint = asio::ip::tcp::endpoint;
using Endpoints = std::vector<Endpoint>;

constexpr std::size_t kMostAddresses = 16;  // a name with more is not better reachable
constexpr std::size_t kLongestName = 253;   // RFC 1035 2.3.4, as text without the root's dot

// Written by the look-up's thread, read after its end.
struct Answer {
  int status = 0;
  Endpoints endpoints;
};

Endpoint endpoint_of(const addrinfo& entry) {
  Endpoint endpoint;
  std::memcpy(endpoint.data(), entry.ai_addr, entry.ai_addrlen);
  endpoint.resize(entry.ai_addrlen);
  return endpoint;
}

// Not asio's resolver: that one can not be abandoned, neither by a deadline nor by the program's
// end, because it joins its thread, which may hang in getaddrinfo.
void look_up(const std::string& host, std::uint16_t port, Answer& answer) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  answer.status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (answer.status != 0) return;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    answer.endpoints.push_back(endpoint_of(*entry));
  }
  freeaddrinfo(found);
}

Endpoints interleaved(Endpoints sorted) {
  if (sorted.empty()) return sorted;
  Endpoints same, other, result;
  const auto family = sorted.front().protocol();
  for (auto& one : sorted) (one.protocol() == family ? same : other).push_back(std::move(one));
  for (std::size_t i = 0; i < std::max(same.size(), other.size()); ++i) {
    if (i < same.size()) result.push_back(same[i]);
    if (i < other.size()) result.push_back(other[i]);
  }
  if (result.size() > kMostAddresses) result.resize(kMostAddresses);
  return result;
}

Endpoints without_look_up(const std::string& host, std::uint16_t port) {
  if (lower(host) == "localhost") {
    return Endpoints{Endpoint(asio::ip::address_v4::loopback(), port),
                     Endpoint(asio::ip::address_v6::loopback(), port)};
  }
  std::error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (not_numeric) return Endpoints();
  return Endpoints{Endpoint(address, port)};
}

bool may_be_name(const std::string& host) {
  return !host.empty() && host.size() <= kLongestName && host.find('\0') == std::string::npos;
}

Error failure(int status, const std::string& host) {
  const std::string name = "\"" + printable(host) + "\"";
  if (status == EAI_AGAIN) {
    return Error(Errc::disconnected, "the name service does not answer for " + name)
        .hint("check the network connection and the DNS settings of this machine");
  }
  if (status == EAI_MEMORY || status == EAI_SYSTEM) {
    return Error(Errc::io, "looking up " + name + ": " + gai_strerror(status));
  }
  return Error(Errc::not_found, "no address is known for " + name)
      .hint("check the spelling of the host name");
}

}  // namespace

asio::awaitable<Result<Endpoints>> resolve(std::string host, std::uint16_t port) {
  Endpoints known = without_look_up(host, port);
  if (!known.empty()) co_return known;
  if (!may_be_name(host)) co_return fail(failure(EAI_NONAME, host));
  const auto answer = std::make_shared<Answer>();
  std::function<void()> work = [host, port, answer] { look_up(host, port, *answer); };
  if (!co_await detail::run_detached(std::move(work))) {
    co_return fail(Errc::busy, "too many host names are being looked up");
  }
  if (answer->status != 0 || answer->endpoints.empty()) {
    co_return fail(failure(answer->status, host));
  }
  co_return interleaved(std::move(answer->endpoints));
}

}  // namespace noports::net
