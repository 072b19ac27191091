// SPDX-License-Identifier: BSD-3-Clause
// What is said about a value: lifetimes, flags and how it was encrypted. Text form inside verbs
// (atprotocol-wire.md 3, "metadata"), JSON form inside answers (6.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports::at {

// Absent members were not said. ttl and ttb are milliseconds on the wire, ttr is seconds
// (-1 = for ever).
struct Metadata {
  std::optional<std::int64_t> ttl, ttb, ttr;
  std::optional<bool> ccd;
  std::optional<std::string> data_signature, shared_key_status;
  std::optional<bool> is_binary, is_encrypted;
  std::optional<std::string> shared_key_enc, pub_key_cs;
  std::optional<std::string> pub_key_hash, pub_key_hash_algo;
  std::optional<std::string> encoding, enc_key_name, enc_algo, iv_nonce, ske_enc_key_name,
      ske_enc_algo;
  std::optional<bool> immutable;  // newer servers (noports-newer.md 16.1)

  bool operator==(const Metadata&) const = default;
};

// ":ttl:60000:isEncrypted:true...", each item with its leading colon, in the one order that every
// server accepts; empty when nothing is said.
std::string encode(const Metadata& metadata);

// Takes one item (":ttl:60000") from the front of `rest` into `metadata`; false, and `rest` as it
// was, when there is none. Names may have any case. Items that newer peers send and nobody here
// needs (time stamps, appMetadata, nc) are taken and dropped. bad_syntax for a bad value or an item
// said twice: ttl and ttb below 0, ttr below -1, any of them above 2^53.
Result<bool> take_item(std::string_view& rest, Metadata& metadata);

// The members of update:json's "metadata" (3.10): "{...}" with what is said, and back. Members that
// are null or unknown here are passed over; bad_syntax as for take_item(). `json` must be shallow.
std::string to_json(const Metadata& metadata);
Result<Metadata> metadata_from_json(std::string_view json);

// Takes items in any order and stops before the first piece that is none.
Result<Metadata> take_metadata(std::string_view& rest);

}  // namespace noports::at
