// SPDX-License-Identifier: BSD-3-Clause
// Whatever a request line asks for is a name that is safe to look up, and the answer to it is one
// whole HTTP message.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "noports/atserver/http_lookup.hpp"

using namespace noports;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<atserver::Store> store = *atserver::Store::open({});
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto parsed = atserver::parse_request_line(line);
  if (const auto* query = std::get_if<atserver::PublicQuery>(&parsed)) {
    const auto key = at::Key::open(query->name, query->owner);
    const auto again = at::Key::parse(key.str());
    if (!again || *again != key) std::abort();
  }
  atserver::Database::Scope scope(store->database());
  const auto answer = atserver::answer_http(*store, std::nullopt, line, 1);
  if (!answer.starts_with("HTTP/1.1 4") || answer.find("\r\n\r\n") == answer.npos) std::abort();
  return 0;
}
