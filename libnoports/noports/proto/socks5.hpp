// SPDX-License-Identifier: BSD-3-Clause
// SOCKS version 5 (RFC 1928), both ends: the greeting, the choice of a method, the request and the
// reply. Of the methods "no authentication", of the commands CONNECT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/proto/permit.hpp"

namespace noports::proto {

// RFC 1928, 3.
inline constexpr std::uint8_t kSocksNoAuthentication = 0x00, kSocksNoMethod = 0xFF;

// RFC 1928, 6. What RFC 1928 calls "general SOCKS server failure" is `failed`.
enum class SocksReply : std::uint8_t {
  succeeded = 0,
  failed = 1,
  not_allowed = 2,
  network_unreachable = 3,
  host_unreachable = 4,
  connection_refused = 5,
  command_not_supported = 7,
  address_type_not_supported = 8,
};

struct SocksGreeting {
  std::vector<std::uint8_t> methods;  // 1 to 255
  bool operator==(const SocksGreeting&) const = default;
};

struct SocksRequest {
  // Why it cannot be done: what to reply. `succeeded`: `to` is what the client wants to connect to.
  SocksReply verdict = SocksReply::succeeded;
  Endpoint to;
  bool operator==(const SocksRequest&) const = default;
};

// A message from the front of what has come, and how many bytes of it it took.
template <class Message>
struct SocksTaken {
  Message message;
  std::size_t size = 0;
};

// Nothing while bytes are missing (never for more than 257 and 262 of them). bad_syntax for what is
// not SOCKS 5; the sentence says so when it looks like SOCKS 4 or HTTP.
Result<std::optional<SocksTaken<SocksGreeting>>> take_socks_greeting(std::string_view bytes);
// A name that could be no host, port 0, another command or address type are verdicts, so that the
// client can be told.
Result<std::optional<SocksTaken<SocksRequest>>> take_socks_request(std::string_view bytes);

std::string encode(const SocksGreeting& greeting);
// As a name (address type 3), or as an address where `to.host` is one.
std::string encode_socks_connect(const Endpoint& to);
std::string encode_socks_method(std::uint8_t method);
// With 0.0.0.0:0 as the bound address: it is on another machine, where nobody can use it.
std::string encode(SocksReply reply);

}  // namespace noports::proto
