// SPDX-License-Identifier: BSD-3-Clause
// What two platforms say to each other when one, the guest, takes part in the directory of the
// other, the host. Both ends; pure. On a connection to the host's directory, a line each:
//
//   guest  join:ID.SECRET
//   host   {}
//   guest  {"guest":"4f..","host":"at.example.net","atsigns":{"@alice":10301},"request":"-----.."}
//   host   {"chain":"-----..","refused":{"@bob":"why"}}
//
// or {"error":"why","code":"refused"} in place of either answer, and the end of the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

// The second line of a guest, whose first has proved that it may join: bytes.
inline constexpr std::size_t kLongestJoin = 1024 * 1024;

// What lets a platform join: the operator of the host hands it to that of the guest as a file.
struct JoinToken {
  std::string id;         // 8 hexadecimal digits, no secret
  crypto::Secret secret;  // 64 hexadecimal digits
  std::string ca;         // what the host's certificate is checked against, PEM; may be empty
};
JoinToken new_join_token(std::string ca);
std::string join_secret_hash(std::string_view secret);  // all that the host keeps of it
crypto::Secret encode_token_file(const JoinToken& token);
// config when it is none.
Result<JoinToken> decode_token_file(std::string_view text);

bool is_join(std::string_view line);
crypto::Secret encode_join_line(const JoinToken& token);
// Without `ca`; nothing for what is none.
std::optional<JoinToken> decode_join_line(std::string_view line);

// A host name or an IPv4 address as it may stand in "host:port", in certificates and in lines of
// the protocol.
bool is_host_name(std::string_view name) noexcept;

struct HostedAtsign {
  at::Atsign atsign;
  std::uint16_t port = 0;
  bool operator==(const HostedAtsign&) const = default;
};
struct JoinRequest {
  std::string guest;  // 32 hexadecimal digits, made up by the guest once
  std::string host;   // where its atServers are
  std::optional<std::vector<HostedAtsign>> atsigns;  // all of them; nothing: those of last time
  std::string request;  // for a certificate (PKCS #10, PEM); empty: none is wanted
};
std::string encode(const JoinRequest& request);
Result<JoinRequest> decode_join_request(std::string_view line);

struct RefusedAtsign {
  at::Atsign atsign;
  std::string why;
  bool operator==(const RefusedAtsign&) const = default;
};
struct JoinAnswer {
  std::string chain;  // PEM, the guest's first; empty when none was wanted
  std::vector<RefusedAtsign> refused;
};
std::string encode(const JoinAnswer& answer);
std::string encode_join_refusal(const Error& error);
std::string join_go_ahead();
// For both answers; prompts in front are ignored. `rejected` when the host does not know the token,
// `refused` when it says no for another reason (both in its words), bad_syntax for what is no
// answer.
Result<JoinAnswer> decode_join_answer(std::string_view line);

}  // namespace noports::atserver
