// SPDX-License-Identifier: BSD-3-Clause
// A device asks its policy service about a client; and how it tells that it is there
// (noports-wire.md 14, noports-newer.md 14.1 and 14.2). The frame is AtRpc's: a request, perhaps an
// acknowledgement, and one answer, all with the same number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/base/result.hpp"
#include "noports/proto/device.hpp"

namespace noports::proto {

// What a device that is in no group calls its group. The Arduino daemon sends an empty text for it
// (noports-newer.md 24, W25).
inline constexpr std::string_view kNoGroup = "__none__";
std::string normal_group(std::string_view group);  // kNoGroup for the empty text

struct PolicyQuery {
  std::int64_t id = 0;  // microseconds since 1970 when it was made; not a secret
  at::Atsign daemon;    // whoever asks is only believed to be this one when they have sent it
  std::string device;   // its name
  std::string group;    // normal_group() of what was sent
  at::Atsign client;
  bool operator==(const PolicyQuery&) const = default;
};

struct PolicyReply {
  enum class Type {
    ack,      // it was heard; the answer follows
    nack,     // it will not be answered
    success,  // the answer
    error,    // there is none
  };
  std::int64_t id = 0;
  Type type = Type::error;
  // Of a success:
  bool authorized = false;
  std::vector<std::string> permit_open = {};  // as they were sent
  std::optional<std::string> client_message = {};
  // Of the frame; why, in a nack or an error.
  std::optional<std::string> message = {};
  bool operator==(const PolicyReply&) const = default;
};
std::string_view name(PolicyReply::Type type) noexcept;  // "success"

// "request.<id>.auth_checks.__rpcs.sshnp" and "success.<id>.auth_checks.__rpcs.sshnp"
at::KeyName policy_query_key(std::int64_t id);
at::KeyName policy_reply_key(PolicyReply::Type type, std::int64_t id);
// Their parts; nothing for other keys. What follows ".auth_checks.__rpcs" is not looked at: servers
// built with old libraries leave the name space out, or add one (noports-newer.md 14.1).
std::optional<std::int64_t> policy_query_of(std::string_view key) noexcept;
struct PolicyReplyName {
  PolicyReply::Type type;
  std::int64_t id;
  bool operator==(const PolicyReplyName&) const = default;
};
std::optional<PolicyReplyName> policy_reply_of(std::string_view key) noexcept;

// Members in the reference's order. A success always has `authorized` and `permitOpen`, without
// which the Dart daemon cannot read it.
std::string encode(const PolicyQuery& query);
std::string encode(const PolicyReply& reply);
// bad_syntax names the member, or says that number or type are not those of the key.
Result<PolicyQuery> decode_policy_query(std::int64_t id, std::string_view json);
Result<PolicyReply> decode_policy_reply(const PolicyReplyName& name, std::string_view json);

// "<device>.devices.policy.sshnp": under it a device tells its policy service every five minutes
// that it is there. The value is a ping answer.
at::KeyName policy_heartbeat_key(const DeviceName& device);
// "config.<device>.devices.policy.sshnp": under it the policy service tells that device that what
// it is to do has changed. What the value says about logging of events has no meaning here.
at::KeyName policy_config_key(const DeviceName& device);
// A heartbeat's key, of whatever device.
bool is_policy_heartbeat(std::string_view key) noexcept;

}  // namespace noports::proto
