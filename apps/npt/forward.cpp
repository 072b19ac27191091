// SPDX-License-Identifier: BSD-3-Clause
#include "npt/forward.hpp"

#include <utility>

#include "noports/base/text.hpp"

namespace noports::apps::npt {
namespace {

Unexpected unreadable(std::string_view text, std::string_view want) {
  return fail(Error(Errc::bad_syntax, "'" + printable(text) + "' is no " + std::string(want))
                  .hint("IPv6 addresses stand in brackets: [::1]"));
}

// Where the last colon is that does not belong to an address in brackets at the end; npos for none.
std::size_t last_colon(std::string_view text) noexcept {
  if (text.empty() || text.back() != ']') return text.rfind(':');
  const auto bracket = text.rfind('[');
  return bracket == text.npos ? text.npos : text.substr(0, bracket).rfind(':');
}

// "127.0.0.1", "[::1]", "localhost", "*"; whether it is an address of this machine is for whoever
// listens to find out.
std::optional<std::string> read_local_host(std::string_view text) {
  if (text == "*" || text == "0") return "0.0.0.0";
  const bool is_bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (is_bracketed) text = text.substr(1, text.size() - 2);
  const bool has_colon = text.find(':') != text.npos;
  if (text.empty() || has_colon != is_bracketed) return std::nullopt;
  if (text.find_first_of("[]/ \t\r\n") != text.npos) return std::nullopt;
  return std::string(text);
}

// "[LOCALHOST:]LOCALPORT" into `forward`; false when it is none.
bool read_local(std::string_view text, Forward& forward) {
  const auto colon = last_colon(text);
  const auto port = parse_number(colon == text.npos ? text : text.substr(colon + 1));
  if (!port || *port > 65535) return false;
  forward.local_port = static_cast<std::uint16_t>(*port);
  if (colon == text.npos) return true;
  auto host = read_local_host(text.substr(0, colon));
  if (!host) return false;
  forward.local_host = *std::move(host);
  return true;
}

}  // namespace

Result<Forward> parse_forward(std::string_view text) {
  static constexpr std::string_view kWant = "[LOCALHOST:]LOCALPORT:HOST:PORT";
  const auto before_port = last_colon(text);
  if (before_port == text.npos) return unreadable(text, kWant);
  const auto before_host = last_colon(text.substr(0, before_port));
  if (before_host == text.npos) return unreadable(text, kWant);
  Forward forward;
  auto target = proto::Endpoint::parse(text.substr(before_host + 1));
  if (!target || !read_local(text.substr(0, before_host), forward)) return unreadable(text, kWant);
  forward.target = *std::move(target);
  return forward;
}

Result<Forward> parse_socks(std::string_view text) {
  Forward forward;
  if (!read_local(text, forward)) return unreadable(text, "[LOCALHOST:]LOCALPORT");
  return forward;
}

}  // namespace noports::apps::npt
