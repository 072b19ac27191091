// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/verb.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace {

using namespace noports;
using at::Atsign;
using at::Key;
using at::KeyName;

template <class V>
V decoded(std::string_view line) {
  const auto verb = at::decode(line);
  REQUIRE(verb);
  REQUIRE(std::holds_alternative<V>(*verb));
  return std::get<V>(*verb);
}

const Atsign kAlice = *Atsign::parse("@alice");
const Atsign kBob = *Atsign::parse("@bob");

KeyName name(std::string_view text) { return *KeyName::parse(text); }

TEST_CASE("a verb survives the wire unchanged", "[at][verb]") {
  const auto line = GENERATE(
      as<std::string>{}, "", "@exit", "pol", "from:@alice", "from:@alice:clientConfig:{\"a\":1}",
      "cram:0f0f", "pkam:signingAlgo:rsa2048:hashingAlgo:sha512:YWJj",
      "pkam:signingAlgo:ecc_secp256r1:hashingAlgo:sha256:enrollmentId:a-b:YWJj", "noop:0",
      "noop:4294967295", "scan", "scan demo@", "scan:showHidden:true", "scan:@bob",
      "scan:showHidden:true:@bob a:B", "scan:showHidden:false a:b", "scan:showHidden:false \\S",
      "llookup:phone@alice", "llookup:meta:@bob:phone@alice", "llookup:all:public:phone@alice",
      "llookup:cached:public:publickey@bob", "lookup:phone.ns@bob", "lookup:meta:phone@bob",
      "lookup:bypassCache:true:all:phone@bob", "plookup:publickey@bob",
      "plookup:bypassCache:true:meta:publickey@bob", "update:phone@alice a value: with @ and :",
      "update:ttl:5:immutable:true:public:_apsk.primary.a.__e@alice {\"v\":1}",
      "update:privatekey:at_pkam_publickey K", "update:meta:@bob:phone.ns@alice:ttl:5:ccd:false",
      "update:meta:phone@alice",
      R"(update:json:{"atKey":"a@alice","value":"ends in a blank ","metadata":{"ttl":1}})",
      "delete:privatekey:at_secret", "delete:force:phone@alice", "delete:@bob:phone@alice",
      "delete:cached:public:phone@bob", "notify:update:messageType:key:@bob:phone.ns@alice",
      "notify:delete:messageType:key:@bob:phone.ns@alice",
      "notify:update:messageType:key:@bob:public:phone.ns@alice:x",
      "notify:update:messageType:text:@bob:hello, you: there",
      "notify:id:a_b-C:update:messageType:key:priority:high:strategy:latest:latestN:3:notifier:n"
      ":ttln:1:ttl:2:ccd:false:@bob:phone@alice:a:b@c d",
      "notify:status:x.y", "notify:fetch:x.y", "notify:remove:a-b", "notify:list",
      "notify:list:2024-02-29", "notify:list:2024-01-01:2024-12-31", "notify:list:\\.sshnp@",
      "notify:list:2024-01-01:a b",
      "notify:id:n:delete:messageType:key:notifier:SYSTEM:public:phone.ns@alice",
      "notify:all:update:messageType:key:@bob:phone.ns@alice:v",
      "notify:all:delete:messageType:key:ttl:5:ttr:-1:ccd:true:@bob,@carol:phone.ns@alice",
      "notify:all:update:messageType:text:@bob,@carol:hello: all", "monitor", "monitor a.b@",
      "monitor:5", "monitor:5 A:b c", "monitor:selfNotifications:5 x", "monitor:strict a:b",
      "monitor:strict A", "sync:from:-1:limit:10", "sync:from:17:limit:25:a:b c", "stats",
      "stats:3", "stats:1,15", "stats:3:a:b c", "stats:15:x", "enroll:list", "enroll:list:{}",
      "config:block:show", "config:block:add:@bob", "config:allow:show",
      "config:allow:remove:@bob @carol", "config:set:a=1", "config:print:a", "config:reset:a",
      "batch:[]", R"(batch:[{"id":1,"command":"update:a@alice 1"},{"id":-2,"command":""}])",
      "enroll:request:{\"a\":\"b\"}", "enroll:revoke:force:{}", "info", "info:brief", "otp:get",
      "otp:get:ttl:300000", "otp:put:abc_123", "otp:put:secret7:ttl:0",
      "keys:get:keyName:86c16cf2.default_enc_private_key.__manage@alice", "keys:get:self",
      "keys:put:private:namespace:ns:appName:a:deviceName:d:keyType:rsa-2:encryptionKeyName:k-1"
      ":keyName:my_key a b",
      "keys:delete:keyName:public:k.__public_keys.ns@alice");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE(verb);
  CHECK(at::encode(*verb) == line);
}

TEST_CASE("the verb's own name may have any case and blanks around the line", "[at][verb]") {
  CHECK(decoded<at::Noop>("  NOOP:7\r\n").milliseconds == 7);
  CHECK(decoded<at::Scan>("SCAN\r").regex.empty());
  decoded<at::Exit>(" @EXIT ");
  decoded<at::Empty>("\r\n");
  decoded<at::Empty>(" \t ");
  decoded<at::Pol>("POL");
  CHECK(decoded<at::From>("From:Alice").who == kAlice);
  CHECK(decoded<at::Update>("UPDATE:TTL:5:PUBLIC:Phone@Alice Value").value == "Value");
}

TEST_CASE("only a command without any ':' has its regex lower-cased", "[at][verb][vectors]") {
  // atprotocol-wire.md 1.2
  CHECK(decoded<at::Scan>("scan FOO").regex == "foo");
  CHECK(decoded<at::Scan>("scan:showHidden:false FOO").regex == "FOO");
  CHECK(decoded<at::Monitor>("monitor Dev1.sshnp@").regex == "dev1.sshnp@");
  CHECK(decoded<at::Monitor>("monitor:0 Dev1.sshnp@").regex == "Dev1.sshnp@");
  CHECK(decoded<at::Monitor>("monitor A:b").regex == "A:b");
}

TEST_CASE("what is encoded survives that lower-casing", "[at][verb]") {
  at::Monitor monitor;
  monitor.regex = ".*\\S";
  CHECK(at::encode(monitor) == "monitor:strict .*\\S");
  at::Scan scan;
  scan.regex = "a:b";
  CHECK(at::encode(scan) == "scan:showHidden:false a:b");
}

TEST_CASE("a value begins behind the first blank and is not touched", "[at][verb]") {
  const auto update = decoded<at::Update>("update:ttl:5:@bob:phone.ns@alice  a @b:c  d ");
  CHECK(update.key == Key::shared(kBob, name("phone.ns"), kAlice));
  CHECK(update.metadata.ttl == 5);
  CHECK(update.value == " a @b:c  d");
}

TEST_CASE("a notification's value may look like anything", "[at][verb]") {
  const auto notify = decoded<at::Notify>("notify:@bob:a.b@alice:@carol:x@y:z w");
  CHECK(notify.to == kBob);
  CHECK(notify.name == name("a.b"));
  CHECK(notify.owner == kAlice);
  CHECK(notify.value == "@carol:x@y:z w");
  CHECK(notify.operation == at::Operation::update);
  CHECK_FALSE(notify.is_text);

  const auto bare = decoded<at::Notify>("notify:delete:@bob:a.b:v@w");
  CHECK_FALSE(bare.owner);
  CHECK(bare.value == "v@w");
  CHECK(bare.operation == at::Operation::remove);
}

TEST_CASE("options of notify are read in any order and spelling", "[at][verb][vectors]") {
  // atprotocol-wire.md 3.12: message_type (C), ttln behind ttl (Python)
  const auto notify = decoded<at::Notify>(
      "notify:message_type:TEXT:ttl:10000:ttln:60000:isEncrypted:False:delete:id:x:@bob:hello");
  CHECK(notify.is_text);
  CHECK(notify.ttln == 60000);
  CHECK(notify.metadata.ttl == 10000);
  CHECK(notify.metadata.is_encrypted == false);
  CHECK(notify.operation == at::Operation::remove);
  CHECK(notify.id == "x");
  CHECK(notify.value == "hello");
  CHECK_FALSE(notify.name);
}

TEST_CASE("what newer clients add is taken and dropped", "[at][verb][vectors]") {
  // noports-newer.md 16.1
  CHECK(at::encode(decoded<at::Scan>("scan:showHidden:true:cl")) == "scan:showHidden:true");
  CHECK(at::encode(decoded<at::Delete>("delete:dAt:2026-01-02T03:04:05.678Z:x@alice")) ==
        "delete:x@alice");
  CHECK(at::encode(decoded<at::Delete>("delete:priority:HIGH:x@alice")) == "delete:x@alice");
  CHECK(at::encode(decoded<at::Update>("update:nc:x@alice v")) == "update:x@alice v");
  CHECK(decoded<at::Scan>("scan:@bob:page:3 x").regex == "x");
}

TEST_CASE("two commands never leave as one value", "[at][verb][hostile]") {
  const auto key = Key::self(name("x"), kAlice);
  CHECK_THROWS_AS(at::encode(at::Update{{}, key, "v\ndelete:x@alice"}), std::logic_error);
}

TEST_CASE("an unknown word is not found", "[at][verb][hostile]") {
  const auto line = GENERATE(as<std::string>{}, "hello", "hello:x", "null", "scans", "update_",
                             "synced", "@", "@exit2", "\x01", ":", "x\xff", "lookup\tx",
                             "GET / HTTP/1.1", std::string(100000, 'a'));
  CAPTURE(line.substr(0, 20));
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::not_found);
}

TEST_CASE("a known verb with the wrong grammar is bad syntax", "[at][verb][hostile]") {
  const auto line = GENERATE(
      as<std::string>{}, "@exit:x", "pol:x", "pol x", "from", "from:", "from:@", "from:a b",
      "from:@alice:", "from:@alice:x", "from:@alice:clientConfig:", "from:@alice:clientConfig:x",
      "from:@alice:clientConfig:{", "cram", "cram:", "cram:a b", "cram:a:b", "sync", "sync:1",
      "sync:from:1", "sync:from:-2:limit:1", "sync:from:1:limit:-1", "sync:from:1:limit:1x",
      "sync:from:99999999999999999999:limit:1", "stats:", "stats:16", "stats:x", "stats:3,",
      "stats:3,3", "stats:4:x", "stats:3,15:x", "stats:3:", "pkam",
      "pkam:", "pkam:signingAlgo:none:x", "pkam:hashingAlgo:md5:x", "pkam:signingAlgo:rsa2048",
      "pkam:hashingAlgo:sha256:signingAlgo:rsa2048:x", "pkam:enrollmentId::x", "pkam:a b", "noop",
      "noop:", "noop:-1", "noop:1x", "noop:4294967296", "noop:99999999999999999999", "noop 1",
      "scan:", "scan:x", "scan:showHidden:maybe", "scan:@", "scan:@bob:page:x", "scan:@bob:x",
      "scan a b", "llookup", "llookup:", "llookup:phone", "llookup:all:", "llookup phone@alice",
      "llookup:privatekey:at_secret", "llookup:private:x@alice", "llookup:ph one@alice", "lookup",
      "lookup:", "lookup:@alice", "lookup:phone", "lookup:phone@", "lookup:phone@a b",
      "lookup:phone@al\x01ice", "lookup:x\nupdate:y@alice z", "lookup:bypassCache:maybe:x@alice",
      "lookup:bypassCache:true", "lookup:public:x@alice", "plookup:", "plookup:@bob:x@alice",
      "update", "update:", "update:phone@alice", "update:phone@alice ", "update phone@alice v",
      "update:ttl:x:phone@alice v", "update:ttl:1:ttl:1:phone@alice v", "update:phone v",
      "update:cached:public:x@bob v", "update:private:x@alice v", "update:privatekey:at_secret v",
      "update:local:x@alice v", "update:json:{}", "update:x@alice a\xff", "delete",
      "delete:", "delete:x", "delete:priority:urgent:x@alice",
      "delete:privatekey:at_pkam_publickey", "delete:private:x@alice", "delete:x@alice y", "notify",
      "notify:", "notify:@bob", "notify:@bob:", "notify:@bob:@alice", "notify:@bob:x@",
      "notify:@bob:x@alice:", "notify:@bob:x y@alice:v", "notify:x@alice:v",
      "notify:update:delete:@bob:x@alice", "notify:id:a b:@bob:x@alice",
      "notify:id:a:id:b:@bob:x@alice", "notify:messageType:file:@bob:x@alice",
      "notify:priority:urgent:@bob:x@alice", "notify:strategy:none:@bob:x@alice",
      "notify:latestN:-1:@bob:x@alice", "notify:ttln:-1:@bob:x@alice", "notify:notifier::@bob:x@a",
      "notify:ttln:9007199254740993:@bob:x@alice",
      "notify:messageType:text:@bob:", "notify:status:", "notify:status:a b",
      "notify:remove:", "notify:remove:a.b", "monitor:", "monitor:x", "monitor:-1", "monitor:1:2",
      "monitor:99999999999999999999", "enroll", "enroll:", "enroll:destroy:{}",
      "enroll:request:", "enroll:request:x", "enroll:list:{", "enroll request");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::bad_syntax);
}

TEST_CASE("the error about a verb does not repeat its values", "[at][verb][hostile]") {
  const auto line = GENERATE(as<std::string>{}, "cram:hunter2 hunter2", "pkam:hunter2:hunter2",
                             "update:x hunter2", "update:ivNonce:hunter2@:x@alice hunter2",
                             "from:hunter2 hunter2", "notify:@bob:hunter2 x@a", "enroll:hunter2:{}",
                             "notify:id:hunter2!:@bob:x@alice", "hunter2:x", "scan:hunter2");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().what().find("hunter2") == std::string::npos);
}

TEST_CASE("what asks about notifications in no known way is refused", "[at][verb][hostile]") {
  const auto line = GENERATE(
      as<std::string>{}, "notify:status:", "notify:status:a b", "notify:fetch:", "notify:fetch:a:b",
      "notify:remove:", "notify:remove:a.b", "notify:list:", "notify:list:2024-13-01",
      "notify:list:2024-02-30", "notify:list:0000-01-01", "notify:list:a:b",
      "notify:list:2024-01-01:2024-01-02:a:b", "notify:all", "notify:all:", "notify:all:@bob",
      "notify:all:@bob,:x@alice:v", "notify:all:@bob,carol:x@alice:v", "notify:all:,@bob:x@alice:v",
      "notify:all:public:x@alice:v", "notify:all:id:a:@bob:x@alice:v",
      "notify:all:strategy:latest:@bob:x@alice:v", "notify:messageType:text:public:x",
      "notify:all:update:delete:@bob:x@alice");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::bad_syntax);
}

TEST_CASE("a recipient that is named twice is written to once", "[at][verb]") {
  const auto all = decoded<at::NotifyAll>("notify:all:@bob,@Bob,@carol:x@alice:v");
  REQUIRE(all.to.size() == 2);
  CHECK(all.to[0] == kBob);
}

TEST_CASE("otp and keys are taken in every form of their grammar", "[at][verb]") {
  CHECK(decoded<at::Otp>("OTP:GET:TTL:5").ttl == 5);
  CHECK(decoded<at::Otp>("otp:put:AbCdEf").passcode == "AbCdEf");
  const auto keys = decoded<at::Keys>("keys:get:self:namespace:ns:keyName:k \r");
  CHECK(keys.visibility == "self");
  CHECK(keys.name_space == "ns");
  CHECK(keys.key_name == "k");
  CHECK(keys.value.empty());
  CHECK(decoded<at::Keys>("keys:get:").operation == at::Keys::Operation::get);
}

TEST_CASE("malformed otp, keys and info are refused", "[at][verb][hostile]") {
  const auto line = GENERATE(
      as<std::string>{}, "otp", "otp:", "otp:put", "otp:put:short", "otp:put:a b c d",
      "otp:put:abc-def", "otp:get:ABCDEF", "otp:get:ttl:", "otp:get:ttl:-1", "otp:get:ttl:5:x",
      "otp:get:ttl:99999999999999999", "otp:grab", "keys", "keys:", "keys:list", "keys:get:other",
      "keys:get:keyName:", "keys:get:namespace:a.b", "keys:get:keyType:a:b:c", "info:", "info:x",
      "info:brief:x");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::bad_syntax);
}

}  // namespace
