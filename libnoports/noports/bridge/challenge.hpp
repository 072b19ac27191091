// SPDX-License-Identifier: BSD-3-Clause
// The relay's door in ESCR mode, seen from outside: the relay says a challenge, we a line, the
// relay its verdict (noports-newer.md 7.1).
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"

namespace noports::bridge {

// The line with its LF that answers a challenge (without its end); an error: we do not answer.
using Answer = std::function<asio::awaitable<Result<std::string>>(std::string challenge)>;

// Bytes of the relay's first line, its end included, that are read at most.
inline constexpr std::size_t kLongestChallenge = 16'384;

// The challenge in what a relay has said so far, without its end; nothing when its end is still to
// come. bad_syntax for a tail, and for a line that is too long whatever comes. Pure.
Result<std::optional<std::string>> challenge_in(std::string_view heard);

// `answer` is asked once for each socket. Exactly the verdict is read: what comes behind it belongs
// to the tunnel. Errors, hop relay: bad_syntax when the relay says more than its challenge before
// it has an answer, or too much; rejected for every other verdict than "ok"; disconnected;
// timed_out.
RelayAuth answer_challenge(Answer answer);

}  // namespace noports::bridge
