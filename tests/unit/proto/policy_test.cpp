// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/policy.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace noports;
using proto::PolicyQuery;
using proto::PolicyReply;
using proto::PolicyReplyName;
using Type = proto::PolicyReply::Type;

namespace {

constexpr std::int64_t kId = 1'729'773'296'789'012;

at::Atsign atsign(const char* text) { return *at::Atsign::parse(text); }

PolicyQuery query() { return {kId, atsign("@daemon"), "lab", "__none__", atsign("@client")}; }

// noports-wire.md 14, noports-newer.md 14.1
const std::string kQuery =
    R"({"reqId":1729773296789012,"payload":{"daemonAtsign":"@daemon","daemonDeviceName":"lab",)"
    R"("daemonDeviceGroupName":"__none__","clientAtsign":"@client"}})";
const std::string kSuccess =
    R"({"reqId":1729773296789012,"respType":"success","payload":{"authorized":true,)"
    R"("message":null,"permitOpen":["localhost:22","*:443"]},"message":null})";

const std::string kHead = R"({"reqId":1729773296789012,"respType":"success","payload":)";

Result<PolicyReply> read(const std::string& json, Type type = Type::success) {
  return proto::decode_policy_reply(PolicyReplyName{type, kId}, json);
}

}  // namespace

TEST_CASE("a policy query has the members of the reference in their order", "[proto][vectors]") {
  CHECK(encode(query()) == kQuery);
  CHECK(*proto::decode_policy_query(kId, kQuery) == query());
}

TEST_CASE("a policy answer has the members of the reference in their order", "[proto][vectors]") {
  PolicyReply reply;
  reply.id = kId;
  reply.type = Type::success;
  reply.authorized = true;
  reply.permit_open = {"localhost:22", "*:443"};
  CHECK(encode(reply) == kSuccess);
  CHECK(*read(kSuccess) == reply);
  // Without authorized and permitOpen the Dart daemon cannot read a denial.
  PolicyReply no;
  no.id = 7;
  no.type = Type::success;
  no.client_message = "not today";
  CHECK(encode(no) == R"({"reqId":7,"respType":"success","payload":{"authorized":false,)"
                      R"("message":"not today","permitOpen":[]},"message":null})");
  PolicyReply ack;
  ack.id = 7;
  ack.type = Type::ack;
  CHECK(encode(ack) == R"({"reqId":7,"respType":"ack","payload":{},"message":null})");
}

TEST_CASE("the keys of policy queries and answers", "[proto]") {
  CHECK(proto::policy_query_key(kId).str() == "request.1729773296789012.auth_checks.__rpcs.sshnp");
  CHECK(proto::policy_reply_key(Type::nack, 7).str() == "nack.7.auth_checks.__rpcs.sshnp");
  CHECK(proto::policy_query_of("request.7.auth_checks.__rpcs.sshnp") == 7);
  const auto [key, type] = GENERATE(table<const char*, Type>({
      {"success.7.auth_checks.__rpcs.sshnp", Type::success},
      {"ack.7.auth_checks.__rpcs.sshnp", Type::ack},
      {"nack.7.auth_checks.__rpcs.sshnp", Type::nack},
      {"error.7.auth_checks.__rpcs.sshnp", Type::error},
      // Of servers with old libraries (noports-newer.md 14.1).
      {"success.7.auth_checks.__rpcs", Type::success},
      {"success.7.auth_checks.__rpcs.sshnp.sshnp", Type::success},
  }));
  CAPTURE(key);
  CHECK(proto::policy_reply_of(key) == PolicyReplyName{type, 7});
}

TEST_CASE("other keys are no policy queries or answers", "[proto][hostile]") {
  for (const auto* key :
       {"", "success", "success.", "success.7", "success.7.auth_checks", "success.7.auth_checks.",
        "success.7.auth_checks.__rpcsx", "success.-7.auth_checks.__rpcs",
        "success.7x.auth_checks.__rpcs", "success..auth_checks.__rpcs",
        "success.99999999999999999999.auth_checks.__rpcs",
        "success.9223372036854775808.auth_checks.__rpcs", "x.success.7.auth_checks.__rpcs",
        "request.7.auth_checks.__rpcs.sshnp", "SUCCESS.7.auth_checks.__rpcs",
        "success.7.npp.__rpcs"}) {
    CAPTURE(key);
    CHECK_FALSE(proto::policy_reply_of(key));
  }
  CHECK_FALSE(proto::policy_query_of("success.7.auth_checks.__rpcs.sshnp"));
  CHECK_FALSE(proto::policy_query_of("request.7.auth_check.__rpcs.sshnp"));
}

TEST_CASE("a device without a group is in one and the same", "[proto]") {
  auto empty = kQuery;
  empty.replace(empty.find("__none__"), 8, "");  // the Arduino daemon (W25)
  CHECK(proto::decode_policy_query(kId, empty)->group == "__none__");
  auto absent = kQuery;
  const auto member = absent.find("\"daemonDeviceGroupName\"");
  absent.erase(member, absent.find("\"clientAtsign\"") - member);
  CHECK(proto::decode_policy_query(kId, absent)->group == "__none__");
}

TEST_CASE("answers of other services are understood", "[proto]") {
  const auto bare = read(
      R"({"reqId":1729773296789012,"respType":"success","payload":{"authorized":false},"x":1})");
  REQUIRE(bare);
  CHECK_FALSE(bare->authorized);
  CHECK(bare->permit_open.empty());
  const auto nack = read(
      R"({"reqId":1729773296789012,"respType":"nack","payload":null,"message":"no"})", Type::nack);
  REQUIRE(nack);
  CHECK(nack->message == "no");
  CHECK(read(R"({"respType":"ack","reqId":1729773296789012,"payload":{}})", Type::ack));
}

TEST_CASE("what is no policy answer is refused", "[proto][hostile]") {
  const auto json =
      GENERATE(as<std::string>{}, "", "{}", "[]", "null",
               R"({"reqId":7,"respType":"success","payload":{"authorized":true,"permitOpen":[]}})",
               R"({"reqId":"1729773296789012","respType":"success","payload":{"authorized":true}})",
               R"({"reqId":1729773296789012.5,"respType":"success","payload":{"authorized":true}})",
               R"({"reqId":1729773296789012,"respType":"ack","payload":{"authorized":true}})",
               R"({"reqId":1729773296789012,"respType":"success"})", kHead + R"([]})",
               kHead + R"({}})", kHead + R"({"authorized":"true"}})",
               kHead + R"({"authorized":1}})", kHead + R"({"authorized":true,"permitOpen":"*:*"}})",
               kHead + R"({"authorized":true,"permitOpen":[1]}})",
               kHead + R"({"authorized":false,"authorized":true,"permitOpen":["*:*"]}})");
  CAPTURE(json);
  const auto reply = read(json);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code() == Errc::bad_syntax);
}

TEST_CASE("what is no policy query is refused", "[proto][hostile]") {
  CHECK_FALSE(proto::decode_policy_query(kId + 1, kQuery));
  for (const auto* name :
       {"reqId", "payload", "daemonAtsign", "daemonDeviceName", "clientAtsign"}) {
    CAPTURE(name);
    auto broken = kQuery;
    broken.replace(broken.find(name), 1, "x");
    CHECK_FALSE(proto::decode_policy_query(kId, broken));
  }
  for (const auto* bad : {"@a@b", "", "@a b", "@a\\u0000b"}) {
    auto broken = kQuery;
    broken.replace(broken.find("@client"), 7, bad);
    CAPTURE(broken);
    CHECK_FALSE(proto::decode_policy_query(kId, broken));
  }
}

TEST_CASE("a device tells its policy service that it is there under a key of its own", "[proto]") {
  CHECK(proto::policy_heartbeat_key(*proto::DeviceName::parse("lab")).str() ==
        "lab.devices.policy.sshnp");
  CHECK(proto::is_policy_heartbeat("lab.devices.policy.sshnp"));
  for (const auto* key :
       {"devices.policy.sshnp", ".devices.policy.sshnp", "a.b.devices.policy.sshnp",
        "lab.devices.policy", "lab.groups.policy.sshnp"}) {
    CAPTURE(key);
    CHECK_FALSE(proto::is_policy_heartbeat(key));
  }
}
