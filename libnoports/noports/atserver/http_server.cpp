// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/http_server.hpp"

#include "noports/atserver/http_lookup.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kMostFields = 64;  // of a header, which is not read; browsers send some 15

// The request line, when the whole header is here; nothing when it does not end or the connection
// does.
asio::awaitable<std::optional<std::string>> read_header(std::shared_ptr<Wire> wire) {
  std::optional<std::string> first;
  for (std::size_t lines = 0; lines < kMostFields; ++lines) {
    auto line = co_await wire->next_line();
    if (!line) break;
    if (line->empty() && first) co_return first;
    if (!first) first = *std::move(line);
  }
  co_return std::nullopt;
}

std::string answer(Services& services, const std::optional<at::Atsign>& only,
                   const std::string& line) {
  Database::Scope scope(services.store->database());
  auto text = answer_http(*services.store, only, line, wall_clock());
  if (!scope.finish()) return http_answer(HttpStatus::failed);
  return text;
}

}  // namespace

asio::awaitable<void> serve_http(Services& services, std::shared_ptr<Wire> wire,
                                 std::optional<at::Atsign> only) {
  const auto line = co_await read_header(wire);
  if (!wire->is_closed()) {
    wire->owe();
    // What is told is durable, as on every other path.
    services.commits->after([wire, text = line ? answer(services, only, *line)
                                               : http_answer(HttpStatus::too_large)](bool kept) {
      wire->pay(kept ? text : http_answer(HttpStatus::failed));
    });
    static_cast<void>(co_await wire->settled());
  }
  wire->close();
}

}  // namespace noports::atserver
