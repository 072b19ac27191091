// SPDX-License-Identifier: BSD-3-Clause
// The lines of an npt session's control channel, both ends: `connect` with the keys of one new
// stream, `heartbeat`. Values and bytes only; the channel itself is bridge/control_channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "noports/base/result.hpp"
#include "noports/bridge/protection.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::bridge {

// A stream is to be opened, protected like this (noports-newer.md 5.3).
struct Connect {
  Protection protection;
};
// A `connect` whose keys do not parse. It still has its place in the order of streams: the relay
// pairs by order alone, so one socket must be opened and closed for it (noports-wire.md Q-13).
struct BadConnect {};
struct Heartbeat {
  std::uint64_t number = 0;  // 1, 2, 3 ...
};
// Any other line: ignored. `verb` is the text before the first ':', fit for a log.
struct UnknownLine {
  std::string verb;
};
using ControlMessage = std::variant<Connect, BadConnect, Heartbeat, UnknownLine>;

// With its LF; 148 bytes (ctr_twin), 78 bytes (ctr) or "connect:no:encrypt" LF. To be sent in one
// write: old receivers do not reassemble (noports-wire.md 10.4).
crypto::Secret encode(const Connect& connect);
std::string encode(const Heartbeat& heartbeat);

// Fresh random keys for one stream, in the form of `kind`.
Protection fresh_protection(Protection::Kind kind);

// Deciphered bytes in, messages out, however they were cut. Wipes what it has read.
class ControlReader {
 public:
  static constexpr std::size_t kLimit = 4096;  // bytes held (noports-wire.md 10.4)

  // `takes_unended`: the client may be one before 5.6.1, which sends `connect` without LF. A client
  // that knows twin keys is not.
  explicit ControlReader(bool takes_unended) : takes_unended_(takes_unended) {}
  ~ControlReader();
  std::size_t room() const noexcept { return kLimit - held_.size(); }  // for the next feed
  // bad_syntax when more than kLimit bytes would be held; the reader is of no more use then.
  Result<void> feed(std::span<const std::byte> bytes);
  // The next whole message, or nothing.
  std::optional<ControlMessage> next();

  // True: what is held looks like a message without LF, but may still become a line; when nothing
  // more comes for 100 ms, take_unended() is the message (noports-wire.md 10.4).
  bool may_be_unended() const noexcept;
  std::optional<ControlMessage> take_unended();

 private:
  ControlMessage take(std::size_t length, std::size_t line_end);

  std::string held_;
  bool takes_unended_;  // until the first LF: then the client is not one of the old ones
};

}  // namespace noports::bridge
