// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/socks5.hpp"

#include <algorithm>

#include "noports/proto/address.hpp"
#include "noports/proto/ip_address.hpp"

namespace noports::proto {
namespace {

constexpr std::uint8_t kVersion = 5;
constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kIpv4 = 1, kName = 3, kIpv6 = 4;
constexpr std::size_t kHead = 4;  // version, command, reserved, address type
constexpr std::size_t kPort = 2;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

Unexpected not_socks(std::string_view bytes) {
  const auto first = byte_at(bytes, 0);
  std::string what = "this is not SOCKS 5";
  if (first == 4) what += ": the program speaks SOCKS 4";
  if (first >= 'A' && first <= 'Z') what += ": it looks like HTTP";
  return fail(Error(Errc::bad_syntax, std::move(what))
                  .hint("set the program to SOCKS 5, with names resolved by the proxy"));
}

// How long the address behind the head is; nothing for an unknown type.
std::optional<std::size_t> address_size(std::string_view bytes) noexcept {
  switch (byte_at(bytes, 3)) {
    case kIpv4:
      return 4;
    case kIpv6:
      return 16;
    case kName:
      return 1 + std::size_t{byte_at(bytes, kHead)};
    default:
      return std::nullopt;
  }
}

// Text of the address of `size` bytes at the front of `bytes`, with its length in front for names.
std::string address_text(std::uint8_t type, std::string_view bytes) {
  if (type == kName) return std::string(bytes.substr(1));
  IpAddress address;
  address.is_v6 = type == kIpv6;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address.str();
}

std::string head(std::uint8_t second, std::uint8_t type) {
  return {static_cast<char>(kVersion), static_cast<char>(second), '\0', static_cast<char>(type)};
}

std::string port_bytes(std::uint16_t port) {
  return {static_cast<char>(port >> 8), static_cast<char>(port & 0xFF)};
}

}  // namespace

Result<std::optional<SocksTaken<SocksGreeting>>> take_socks_greeting(std::string_view bytes) {
  std::optional<SocksTaken<SocksGreeting>> taken;
  if (bytes.empty()) return taken;
  if (byte_at(bytes, 0) != kVersion) return not_socks(bytes);
  if (bytes.size() < 2) return taken;
  const std::size_t count = byte_at(bytes, 1);
  if (count == 0) return fail(Errc::bad_syntax, "the SOCKS greeting offers no method");
  if (bytes.size() < 2 + count) return taken;
  const auto methods = bytes.substr(2, count);
  taken.emplace();
  taken->message.methods.assign(methods.begin(), methods.end());
  taken->size = 2 + count;
  return taken;
}

Result<std::optional<SocksTaken<SocksRequest>>> take_socks_request(std::string_view bytes) {
  std::optional<SocksTaken<SocksRequest>> taken;
  if (bytes.empty()) return taken;
  if (byte_at(bytes, 0) != kVersion) return not_socks(bytes);
  if (bytes.size() <= kHead) return taken;
  const auto size = address_size(bytes);
  if (!size) {
    // Where such a request ends is not known; nothing that comes behind it is read.
    taken.emplace();
    taken->message.verdict = SocksReply::address_type_not_supported;
    taken->size = bytes.size();
    return taken;
  }
  if (bytes.size() < kHead + *size + kPort) return taken;
  taken.emplace();
  taken->size = kHead + *size + kPort;
  auto& request = taken->message;
  if (byte_at(bytes, 1) != kConnect) {
    request.verdict = SocksReply::command_not_supported;
    return taken;
  }
  auto host = address_text(byte_at(bytes, 3), bytes.substr(kHead, *size));
  const auto port = static_cast<std::uint16_t>((byte_at(bytes, kHead + *size) << 8) |
                                               byte_at(bytes, kHead + *size + 1));
  if (!is_host(host) || without_brackets(host) != host || port == 0) {
    request.verdict = SocksReply::host_unreachable;
    return taken;
  }
  request.to = Endpoint{std::move(host), port};
  return taken;
}

std::string encode(const SocksGreeting& greeting) {
  std::string bytes = {static_cast<char>(kVersion), static_cast<char>(greeting.methods.size())};
  bytes.append(greeting.methods.begin(), greeting.methods.end());
  return bytes;
}

std::string encode_socks_connect(const Endpoint& to) {
  const auto address = IpAddress::parse(to.host);
  if (!address || !address->zone.empty()) {
    return head(kConnect, kName) + static_cast<char>(to.host.size()) + to.host +
           port_bytes(to.port);
  }
  const auto end = address->bytes.begin() + address->bits() / 8;
  return head(kConnect, address->is_v6 ? kIpv6 : kIpv4) + std::string(address->bytes.begin(), end) +
         port_bytes(to.port);
}

std::string encode_socks_method(std::uint8_t method) {
  return {static_cast<char>(kVersion), static_cast<char>(method)};
}

std::string encode(SocksReply reply) {
  constexpr std::size_t kAnyAddress = 4;
  return head(static_cast<std::uint8_t>(reply), kIpv4) + std::string(kAnyAddress, '\0') +
         port_bytes(0);
}

}  // namespace noports::proto
