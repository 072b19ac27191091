// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/policy.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/proto/json.hpp"
#include "noports/proto/members.hpp"

namespace noports::proto {
namespace {

using Type = PolicyReply::Type;

constexpr std::string_view kDomain = ".auth_checks.__rpcs";
constexpr std::string_view kNamespace = ".sshnp";
constexpr std::string_view kHeartbeatTail = ".devices.policy.sshnp";
constexpr std::int64_t kMostId = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostPermits = 1024;  // rules for one client on one device

constexpr std::array<std::pair<Type, std::string_view>, 4> kTypes = {{
    {Type::ack, "ack"},
    {Type::nack, "nack"},
    {Type::success, "success"},
    {Type::error, "error"},
}};

at::KeyName must_parse(const std::string& text) {
  auto name = at::KeyName::parse(text);
  if (!name) throw std::invalid_argument("no key name: " + printable(text));
  return *std::move(name);
}

at::KeyName rpc_key(std::string_view kind, std::int64_t id) {
  return must_parse(std::string(kind) + "." + std::to_string(id) + std::string(kDomain) +
                    std::string(kNamespace));
}

// "<id>.auth_checks.__rpcs", or that and '.' and something.
std::optional<std::int64_t> id_of(std::string_view rest) noexcept {
  const auto dot = rest.find('.');
  if (dot == rest.npos) return std::nullopt;
  const auto number = parse_number(rest.substr(0, dot));
  rest.remove_prefix(dot);
  if (!number || *number > std::uint64_t{kMostId} || !take(rest, kDomain)) return std::nullopt;
  if (!rest.empty() && rest.front() != '.') return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

Result<json::Object> parse_frame(std::string_view json, std::string_view what, std::int64_t id) {
  auto in = json::Object::parse(json, what);
  if (!in) return fail(std::move(in).error());
  const auto said = in->number("reqId", 0, kMostId);
  if (!in->problem() && said != id) in->complain("reqId", "must be the number in the key");
  if (in->problem()) return fail(*in->problem());
  return in;
}

// The answer itself.
Result<void> read_success(json::Object& frame, PolicyReply& reply) {
  const auto payload = frame.slice("payload");
  if (frame.problem()) return fail(*frame.problem());
  auto in = json::Object::parse(payload, "policy answer");
  if (!in) return fail(std::move(in).error());
  reply.authorized = in->flag("authorized");
  reply.permit_open = in->texts("permitOpen", kMostPermits);
  reply.client_message = in->maybe_text("message");
  if (in->problem()) return fail(*in->problem());
  return {};
}

}  // namespace

std::string normal_group(std::string_view group) {
  return std::string(group.empty() ? kNoGroup : group);
}

std::string_view name(Type type) noexcept {
  for (const auto& [known, text] : kTypes) {
    if (known == type) return text;
  }
  return {};
}

at::KeyName policy_query_key(std::int64_t id) { return rpc_key("request", id); }

at::KeyName policy_reply_key(Type type, std::int64_t id) { return rpc_key(name(type), id); }

std::optional<std::int64_t> policy_query_of(std::string_view key) noexcept {
  if (!take(key, "request.")) return std::nullopt;
  return id_of(key);
}

std::optional<PolicyReplyName> policy_reply_of(std::string_view key) noexcept {
  const auto dot = key.find('.');
  if (dot == key.npos) return std::nullopt;
  for (const auto& [type, text] : kTypes) {
    if (key.substr(0, dot) != text) continue;
    const auto id = id_of(key.substr(dot + 1));
    return id ? std::optional(PolicyReplyName{type, *id}) : std::nullopt;
  }
  return std::nullopt;
}

std::string encode(const PolicyQuery& query) {
  json::Writer payload;
  payload.text("daemonAtsign", query.daemon.str())
      .text("daemonDeviceName", query.device)
      .text("daemonDeviceGroupName", query.group)
      .text("clientAtsign", query.client.str());
  json::Writer out;
  return out.number("reqId", query.id).raw("payload", payload.finish()).finish();
}

std::string encode(const PolicyReply& reply) {
  json::Writer payload;
  if (reply.type == Type::success) {
    payload.flag("authorized", reply.authorized)
        .text_or_null("message", reply.client_message)
        .texts("permitOpen", reply.permit_open);
  }
  json::Writer out;
  return out.number("reqId", reply.id)
      .text("respType", name(reply.type))
      .raw("payload", payload.finish())
      .text_or_null("message", reply.message)
      .finish();
}

Result<PolicyQuery> decode_policy_query(std::int64_t id, std::string_view json) {
  auto frame = parse_frame(json, "policy query", id);
  if (!frame) return fail(std::move(frame).error());
  const auto payload = frame->slice("payload");
  if (frame->problem()) return fail(*frame->problem());
  auto in = json::Object::parse(payload, "policy query");
  if (!in) return fail(std::move(in).error());
  auto daemon = read_atsign(*in, "daemonAtsign");
  auto device = in->text("daemonDeviceName");
  auto group = normal_group(in->text_or("daemonDeviceGroupName", kNoGroup));
  auto client = read_atsign(*in, "clientAtsign");
  if (in->problem()) return fail(*in->problem());
  return PolicyQuery{id, *std::move(daemon), std::move(device), std::move(group),
                     *std::move(client)};
}

Result<PolicyReply> decode_policy_reply(const PolicyReplyName& key, std::string_view json) {
  auto frame = parse_frame(json, "policy answer", key.id);
  if (!frame) return fail(std::move(frame).error());
  PolicyReply reply;
  reply.id = key.id;
  reply.type = key.type;
  if (frame->text("respType") != name(key.type)) {
    frame->complain("respType", "must be the type in the key");
  }
  reply.message = frame->maybe_text("message");
  if (frame->problem()) return fail(*frame->problem());
  if (reply.type != Type::success) return reply;
  if (auto read = read_success(*frame, reply); !read) return fail(std::move(read).error());
  return reply;
}

at::KeyName policy_heartbeat_key(const DeviceName& device) {
  return must_parse(device.str() + std::string(kHeartbeatTail));
}

at::KeyName policy_config_key(const DeviceName& device) {
  return must_parse("config." + device.str() + std::string(kHeartbeatTail));
}

bool is_policy_heartbeat(std::string_view key) noexcept {
  if (!key.ends_with(kHeartbeatTail)) return false;
  key.remove_suffix(kHeartbeatTail.size());
  return !key.empty() && key.find('.') == key.npos;
}

}  // namespace noports::proto
