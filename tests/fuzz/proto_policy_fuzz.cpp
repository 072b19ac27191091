// SPDX-License-Identifier: BSD-3-Clause
// Policy queries and answers, and their keys. What decodes is encoded to what decodes to the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "noports/proto/policy.hpp"

using namespace noports;

namespace {

constexpr std::int64_t kId = 7;

void check_query(std::string_view text) {
  const auto query = proto::decode_policy_query(kId, text);
  if (!query) return;
  if (query->group.empty()) std::abort();
  const auto again = proto::decode_policy_query(kId, encode(*query));
  if (!again || *again != *query) std::abort();
}

void check_reply(std::string_view text) {
  using Type = proto::PolicyReply::Type;
  for (const auto type : {Type::ack, Type::nack, Type::success, Type::error}) {
    const proto::PolicyReplyName name{type, kId};
    const auto reply = proto::decode_policy_reply(name, text);
    if (!reply) continue;
    if (reply->type != type || reply->id != kId) std::abort();
    const auto again = proto::decode_policy_reply(name, encode(*reply));
    if (!again || *again != *reply) std::abort();
  }
}

void check_key(std::string_view text) {
  if (const auto id = proto::policy_query_of(text)) {
    if (proto::policy_query_of(proto::policy_query_key(*id).str()) != id) std::abort();
  }
  if (const auto name = proto::policy_reply_of(text)) {
    const auto key = proto::policy_reply_key(name->type, name->id);
    if (proto::policy_reply_of(key.str()) != name) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_query(text);
  check_reply(text);
  check_key(text);
  return 0;
}
