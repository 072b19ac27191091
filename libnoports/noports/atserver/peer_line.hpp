// SPDX-License-Identifier: BSD-3-Clause
// What another atServer answers, as values (atprotocol-wire.md 1.4, 3.5, 3.6, 3.8). It may be
// anybody's: nothing of it is believed but what fits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "noports/at/answer.hpp"
#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/atserver/records.hpp"
#include "noports/base/result.hpp"

namespace noports::atserver {

using PeerLine = std::variant<at::Data, at::Refusal>;

// One line without its end. bad_syntax for what is no answer to a question.
Result<PeerLine> decode_peer_line(std::string_view line);

// The answer to lookup:all, as the record `key`, whatever it calls itself. not_found for one that
// has no value; `now` stands for dates that cannot be read.
Result<Record> decode_peer_record(std::string_view json, const at::Key& key, std::int64_t now);

// The answer to scan, at most so many names; what can be no name is passed over.
Result<std::vector<std::string>> decode_peer_keys(std::string_view json);
inline constexpr std::size_t kMostPeerKeys = 100'000;

// "proof:_4c3d3e2c-...@alice:8a1e5c7e-...", the answer to `from` of `self`.
struct PeerChallenge {
  at::KeyName id;     // under which the signature is to be published
  std::string nonce;  // what is to be signed: letters, digits and '-', so that it is nothing else
};
Result<PeerChallenge> decode_peer_challenge(std::string_view text, const at::Atsign& self);

// What has come since `pol` was said. It has no end but itself.
struct PolAnswer {
  enum class Verdict { incomplete, accepted, refused, nonsense };
  Verdict verdict = Verdict::incomplete;
  at::Refusal refusal{};  // of refused
};
PolAnswer decode_pol_answer(std::string_view bytes, const at::Atsign& self);

// "2024-10-01 08:00:00.000Z", also with a 'T', in milliseconds since 1970.
std::optional<std::int64_t> parse_date(std::string_view text);

}  // namespace noports::atserver
