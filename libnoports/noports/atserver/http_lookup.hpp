// SPDX-License-Identifier: BSD-3-Clause
// Public records by HTTP, on the same port as the atProtocol (noports-newer.md 13, 16.1):
// "GET /@alice/publickey HTTP/1.1". Which of the two a connection speaks is settled by ALPN, since
// the atProtocol's server greets first. Pure; one request a connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/atserver/store.hpp"

namespace noports::atserver {

inline constexpr std::string_view kHttp = "http/1.1";  // in ALPN

enum class HttpStatus {
  ok = 200,
  bad_request = 400,
  not_found = 404,  // clients believe this one: the record does not exist
  method_not_allowed = 405,
  misdirected = 421,  // of an atSign that is not here; clients ask elsewhere
  too_large = 431,
  failed = 500,
};

struct PublicQuery {
  at::Atsign owner;
  at::KeyName name;
};

// The first line of a request, without its end.
std::variant<PublicQuery, HttpStatus> parse_request_line(std::string_view line);

// The whole answer; the connection ends behind it. `body` is the record's value, for ok.
std::string http_answer(HttpStatus status, std::string_view body = {});

// The answer to a request. With `only`, that atSign alone is served, as its atServer does; without,
// all that are here, as the directory of a platform does. In a Database::Scope.
std::string answer_http(Store& store, const std::optional<at::Atsign>& only, std::string_view line,
                        std::int64_t now);

}  // namespace noports::atserver
