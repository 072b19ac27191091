// SPDX-License-Identifier: BSD-3-Clause
// What may stand where a host is wanted. Internal to proto; nothing is resolved here.
#pragma once

#include <cstddef>
#include <string_view>

namespace noports::proto {

inline constexpr std::size_t kHostLimit =
    255;  // bytes: a DNS name (RFC 1035, 2.3.4) and any address

// Letters, digits, '.', '-', '_' for names and IPv4; ':' and a zone after '%' for IPv6, with or
// without brackets around it. Never begins with '-', so that no program takes it for an option.
bool is_host(std::string_view text) noexcept;

// "[::1]" -> "::1"; anything else as it is.
std::string_view without_brackets(std::string_view host) noexcept;

}  // namespace noports::proto
