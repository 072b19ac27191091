// SPDX-License-Identifier: BSD-3-Clause
// What -L and --socks name: a local port, and where its connections go.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/proto/permit.hpp"

namespace noports::apps::npt {

struct Forward {
  std::string local_host;                 // without brackets; empty: where --local-host says
  std::uint16_t local_port = 0;           // 0: a free one
  std::optional<proto::Endpoint> target;  // as seen from the device; none: each connection says it
  bool operator==(const Forward&) const = default;
};

// "[LOCALHOST:]LOCALPORT:HOST:PORT" as ssh's -L; IPv6 in brackets, "*" as LOCALHOST for all
// interfaces. bad_syntax with a hint.
Result<Forward> parse_forward(std::string_view text);
// "[LOCALHOST:]LOCALPORT" as ssh's -D.
Result<Forward> parse_socks(std::string_view text);

}  // namespace noports::apps::npt
