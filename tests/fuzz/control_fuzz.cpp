// SPDX-License-Identifier: BSD-3-Clause
// Whatever the control reader makes of a stream, cut as the first byte says: messages re-encode to
// lines that read as equal messages, and the cutting changes nothing.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "noports/bridge/control.hpp"

namespace {

using namespace noports::bridge;

std::string told(const ControlMessage& message) {
  if (const auto* connect = std::get_if<Connect>(&message)) {
    return std::string(encode(*connect).text());
  }
  if (const auto* beat = std::get_if<Heartbeat>(&message)) return encode(*beat);
  if (const auto* unknown = std::get_if<UnknownLine>(&message)) return "?" + unknown->verb;
  return "!";
}

std::vector<std::string> read(std::span<const std::byte> bytes, std::size_t piece) {
  ControlReader reader(false);
  std::vector<std::string> messages;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(piece, bytes.size()));
    if (part.size() > reader.room() || !reader.feed(part)) break;
    bytes = bytes.subspan(part.size());
    while (const auto message = reader.next()) messages.push_back(told(*message));
  }
  return messages;
}

// Messages of old clients have no end, so that reading them depends on time; only no crash.
void read_unended(std::span<const std::byte> bytes) {
  ControlReader reader(true);
  if (bytes.size() > reader.room() || !reader.feed(bytes)) return;
  while (reader.next()) continue;
  if (const auto last = reader.take_unended(); last && told(*last).size() != 78) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  const auto messages = read(bytes, 1 + data[0]);
  if (bytes.size() <= ControlReader::kLimit && messages != read(bytes, 1)) std::abort();
  for (const auto& message : messages) {
    if (message[0] == '?' || message[0] == '!') continue;
    const auto again = read(std::as_bytes(std::span(message.data(), message.size())), 4096);
    if (again.size() != 1 || again[0] != message) std::abort();
  }
  read_unended(bytes);
  return 0;
}
