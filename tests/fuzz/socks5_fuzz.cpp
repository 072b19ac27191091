// SPDX-License-Identifier: BSD-3-Clause
// What a program says at a SOCKS port: read the same whether it comes in one piece or byte by byte;
// a destination that is accepted is written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/socks5.hpp"

using namespace noports;

namespace {

template <class Take>
void check_pieces(std::string_view bytes, Take take) {
  const auto whole = take(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = take(bytes.substr(0, size));
    if (!part && whole) std::abort();
    if (part && *part) {
      if ((*part)->size > size || !whole || !*whole) std::abort();
      return;
    }
    if (size > 262) std::abort();  // the longest message
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_pieces(bytes, proto::take_socks_greeting);
  check_pieces(bytes, proto::take_socks_request);
  if (const auto greeting = proto::take_socks_greeting(bytes); greeting && *greeting) {
    if (proto::encode((*greeting)->message) != bytes.substr(0, (*greeting)->size)) std::abort();
  }
  const auto request = proto::take_socks_request(bytes);
  if (!request || !*request) return 0;
  const auto& message = (*request)->message;
  if (message.verdict != proto::SocksReply::succeeded) return 0;
  const auto again = proto::take_socks_request(proto::encode_socks_connect(message.to));
  if (!again || !*again || (*again)->message != message) std::abort();
  return 0;
}
