// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/notification.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace noports;
using at::decode_notification;
using at::Notification;

// atprotocol-wire.md 8.7
const std::string kRequest =
    R"({"id":"1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f","from":"@alice","to":"@bob",)"
    R"("key":"@bob:request.mydev.sshnp@alice","value":"wvLPv4cBc9bBRKzTM+Ktiw==",)"
    R"("operation":"update","epochMillis":1727773260123,"messageType":"MessageType.key",)"
    R"("isEncrypted":true,"metadata":{"encKeyName":null,"encAlgo":null,)"
    R"("ivNonce":"EBESExQVFhcYGRobHB0eHw==","skeEncKeyName":null,"skeEncAlgo":null,)"
    R"("sharedKeyEnc":null}})";
const std::string kStatistics =
    R"({"id":"-1","from":"@bob","to":"@bob","key":"statsNotification.@bob","value":"41",)"
    R"("operation":"update","epochMillis":1727773265000,"messageType":"MessageType.key",)"
    R"("isEncrypted":false,"metadata":null})";

TEST_CASE("the transcripts' notifications are read and written alike",
          "[at][notification][vectors]") {
  // atprotocol-wire.md 8.7 and 3.14
  for (const auto& line : {kRequest, kStatistics}) {
    const auto notification = decode_notification(line);
    REQUIRE(notification);
    CHECK(at::encode(*notification) == line);
  }
  const auto request = decode_notification(kRequest);
  REQUIRE(request);
  CHECK(request->from == "@alice");
  CHECK(request->to == "@bob");
  CHECK(request->key == "@bob:request.mydev.sshnp@alice");
  CHECK(request->epoch_millis == 1727773260123);
  CHECK(request->iv_nonce == "EBESExQVFhcYGRobHB0eHw==");
  CHECK(request->is_encrypted == true);
  CHECK_FALSE(request->shared_key_enc);
  CHECK_FALSE(request->is_text);
}

TEST_CASE("the catch-up form says null with a text", "[at][notification][vectors]") {
  // atprotocol-wire.md 3.14
  const auto notification = decode_notification(
      R"({"id":"x","from":"@a","to":"@b","key":"@b:k@a","value":null,"operation":"delete",)"
      R"("epochMillis":5,"messageType":"MessageType.text","isEncrypted":false,"metadata":)"
      R"({"encKeyName":"null","encAlgo":"null","ivNonce":"i","skeEncKeyName":"null",)"
      R"("skeEncAlgo":"null","availableAt":"null","expiresAt":"2024-10-01 09:00:00.000Z"}})");
  REQUIRE(notification);
  CHECK_FALSE(notification->enc_key_name);
  CHECK(notification->iv_nonce == "i");
  CHECK_FALSE(notification->value);
  CHECK(notification->operation == at::Operation::remove);
  CHECK(notification->is_text);
}

TEST_CASE("a notification with everything in it comes back equal", "[at][notification]") {
  Notification all{"id", "@a", "@b",  "@b:k@a", "v \"\n", at::Operation::remove,
                   1,    true, false, "1",      "2",      "3",
                   "4",  "5",  "6",   "7"};
  CHECK(decode_notification(at::encode(all)).value() == all);
  CHECK(at::encode(all).find('\n') == std::string::npos);
  Notification none;
  none.id = "x";
  CHECK(decode_notification(at::encode(none)).value() == none);
}

TEST_CASE("bytes that are not UTF-8 do not break a push", "[at][notification][hostile]") {
  Notification bad;
  bad.id = "x\xff";
  CHECK(decode_notification(at::encode(bad)));
}

TEST_CASE("what is no notification is refused", "[at][notification][hostile]") {
  const std::string front = R"({"id":"x","from":"@a","to":"@b","key":"k",)";
  const std::string rest = R"("operation":"update","epochMillis":5)";
  REQUIRE(decode_notification(front + rest + "}"));
  const auto text = GENERATE_COPY(
      as<std::string>{}, "", "null", "[]", "\"x\"", "{", "{}", front + rest, front + rest + "}}",
      R"({"id":1,"from":"@a","to":"@b","key":"k",)" + rest + "}",
      R"({"id":"x","to":"@b","key":"k",)" + rest + "}",
      front + R"("operation":"append","epochMillis":5})", front + R"("epochMillis":5})",
      front + R"("operation":"update"})", front + R"("operation":"update","epochMillis":"5"})",
      front + R"("operation":"update","epochMillis":-5})",
      front + R"("operation":"update","epochMillis":1e300})",
      front + R"("operation":"update","epochMillis":1e999})",
      front + R"("operation":"update","epochMillis":9007199254740993})",
      front + rest + R"(,"value":5})", front + rest + R"(,"value":{}})",
      front + rest + R"(,"isEncrypted":"maybe"})", front + rest + R"(,"isEncrypted":1})",
      front + rest + R"(,"messageType":1})", front + rest + R"(,"metadata":[]})",
      front + rest + R"(,"metadata":{"ivNonce":5}})", front + rest + ",\"value\":\"\xff\"}",
      std::string(100000, '['));
  CAPTURE(text.substr(0, 120));
  const auto notification = decode_notification(text);
  REQUIRE_FALSE(notification);
  CHECK(notification.error().code() == Errc::bad_syntax);
}

}  // namespace

TEST_CASE("a notification of 100,000 brackets is refused", "[at][notification][hostile]") {
  const std::string open(100'000, '['), close(100'000, ']');
  CHECK_FALSE(decode_notification(open));
  CHECK_FALSE(decode_notification("{\"id\":" + open + close + "}"));
}
