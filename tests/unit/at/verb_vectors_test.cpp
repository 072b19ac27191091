// SPDX-License-Identifier: BSD-3-Clause
// Lines that the peers of the atPlatform really send.
#include <catch2/catch.hpp>

#include "noports/at/verb.hpp"

namespace {

using namespace noports;

struct Line {
  std::string sent;
  std::string ours;  // what we would send to say the same; empty: the same bytes
};

void check(const Line& line) {
  CAPTURE(line.sent);
  const auto verb = at::decode(line.sent);
  REQUIRE(verb);
  CHECK(at::encode(*verb) == (line.ours.empty() ? line.sent : line.ours));
  CHECK(at::decode(at::encode(*verb)).value() == *verb);
}

TEST_CASE("the transcripts' commands are understood", "[at][verb][vectors]") {
  // atprotocol-wire.md 8.1 to 8.9
  check(GENERATE(values<Line>({
      {"from:@alice", ""},
      {"cram:e581f1e0a6d8063d3708068d0fa34d38bf9c2e0257547e0c7be3d3723757f6fd", ""},
      {"llookup:shared_key.bob@alice", ""},
      {"pkam:signingAlgo:rsa2048:hashingAlgo:sha256:AAAA", ""},
      {"from:@alice:clientConfig:{\"version\":\"3.3.0\",\"clientId\":"
       "\"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f\"}",
       ""},
      {"pkam:signingAlgo:rsa2048:hashingAlgo:sha256:enrollmentId:"
       "86c16cf2-2c4a-4a2f-9e2e-6a8f2c1d3e4f:FjkkizC0I7jm4ijwbXxkxRKgij/MWaPA8oKeuZk4YZ8P+g==",
       ""},
      {"lookup:all:publickey@bob", ""},
      {"pol", ""},
      {"lookup:_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b@alice", ""},
      {"plookup:publickey@bob", ""},
      {"update:shared_key.bob@alice wvLPv4cBc9bBRKzTM+Ktiw==", ""},
      {"update:@bob:shared_key@alice wvLPv4cBc9bBRKzTM+Ktiw==", ""},
      {"update:isEncrypted:true:ivNonce:EBESExQVFhcYGRobHB0eHw==:@bob:phone.demo@alice "
       "wvLPv4cBc9bBRKzTM+Ktiw==",
       ""},
      {"lookup:bypassCache:true:all:phone.demo@alice", ""},
      {"monitor:selfNotifications:1727773200000", ""},
      {"notify:id:1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f:update:messageType:key:priority:low:"
       "strategy:all:latestN:1:notifier:SYSTEM:ttln:60000:isEncrypted:true:ivNonce:"
       "EBESExQVFhcYGRobHB0eHw==:@bob:request.mydev.sshnp@alice:wvLPv4cBc9bBRKzTM+Ktiw==",
       ""},
      {"notify:id:1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f:update:messageType:key:notifier:SYSTEM:"
       "ttln:60000:ttl:0:ttb:0:isEncrypted:true:ivNonce:EBESExQVFhcYGRobHB0eHw==:"
       "@bob:request.mydev.sshnp@alice:wvLPv4cBc9bBRKzTM+Ktiw==",
       ""},
      {"notify:status:1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f", ""},
      {"enroll:request:{\"appName\":\"sshnp\",\"deviceName\":\"laptop\",\"namespaces\":"
       "{\"sshnp\":\"rw\",\"sshrvd\":\"rw\"},\"otp\":\"A1B2C3\"}",
       ""},
      {"enroll:list:{\"enrollmentStatusFilter\":[\"pending\"]}", ""},
      {"update:isEncrypted:false:public:publickey@alice MIIBIjANBgkq", ""},
      {"delete:privatekey:at_secret", ""},
      {"scan", ""},
      {"scan demo@", ""},
      {"scan:@alice device_info\\.", ""},
      {"scan:@bob", ""},
  })));
}

TEST_CASE("the commands of the C library are understood", "[at][verb][vectors]") {
  // atprotocol-wire.md 3.10, 3.12, 8.4 and client-expectations.md 2.2: CR LF at the end
  check(GENERATE(values<Line>({
      {"from:alice\r\n", "from:@alice"},
      {"from:bob_device\r\n", "from:@bob_device"},
      {"pkam:RlNpZw==\r\n", "pkam:signingAlgo:rsa2048:hashingAlgo:sha256:RlNpZw=="},
      {"pkam:enrollmentId:86c16cf2:RlNpZw==\r\n",
       "pkam:signingAlgo:rsa2048:hashingAlgo:sha256:enrollmentId:86c16cf2:RlNpZw=="},
      {"noop:0\r\n", "noop:0"},
      {"monitor dev1.sshnp@\r\n", "monitor dev1.sshnp@"},
      {"monitor mydevice.sshnp@\r\n", "monitor mydevice.sshnp@"},
      {"update:ttl:60000:ttr:-1:ccd:true:isBinary:false:isEncrypted:true:dataSignature:s:ivNonce:i:"
       "@bob:phone.demo@alice v\r\n",
       "update:ttl:60000:ttr:-1:ccd:true:dataSignature:s:isBinary:false:isEncrypted:true:ivNonce:i:"
       "@bob:phone.demo@alice v"},
      {"notify:update:ttln:60000:ttl:10000:isEncrypted:true:ivNonce:i:@bob:k.ns@alice:v\r\n",
       "notify:update:messageType:key:ttln:60000:ttl:10000:isEncrypted:true:ivNonce:i:"
       "@bob:k.ns@alice:v"},
      {"notify:update:message_type:key:ivNonce:i:@bob:k.ns@alice:v\r\n",
       "notify:update:messageType:key:ivNonce:i:@bob:k.ns@alice:v"},
      {"delete:@alice:username.dev1.sshnp@bob\r\n", "delete:@alice:username.dev1.sshnp@bob"},
      {"plookup:all:publickey@bob\r\n", "plookup:all:publickey@bob"},
      {"lookup:shared_key@alice\r\n", "lookup:shared_key@alice"},
      {"scan:showHidden:true x\r\n", "scan:showHidden:true x"},
  })));
}

TEST_CASE("the commands of Python, Java and Go are understood", "[at][verb][vectors]") {
  // client-expectations.md 2.2, atprotocol-wire.md 3.10 to 3.14
  check(GENERATE(values<Line>({
      {"from:@bob_device", ""},
      {"pkam:RlNpZw==", "pkam:signingAlgo:rsa2048:hashingAlgo:sha256:RlNpZw=="},
      {"monitor:0 .dev2.sshnp", ""},
      {"monitor:1727773200000", ""},
      {"update:privatekey:at_pkam_publickey MIIBIjANBgkq", ""},
      {"update:public:publickey@alice MIIBIjANBgkq", ""},
      {"update:ttr:86400000:@alice:shared_key@bob V", ""},
      {"update:ttr:-1:ccd:True:isEncrypted:True:@to:key.ns@me V",
       "update:ttr:-1:ccd:true:isEncrypted:true:@to:key.ns@me V"},
      {"update:ttr:5:ccd:true:isBinary:false:isEncrypted:true:@to:key.ns@me V", ""},
      {"notify:id:a1b2:update:ttl:10000:ttr:-1:isEncrypted:true:ivNonce:i:@bob:k.ns@alice:v",
       "notify:id:a1b2:update:messageType:key:ttl:10000:ttr:-1:isEncrypted:true:ivNonce:i:"
       "@bob:k.ns@alice:v"},
      {"notify:id:a1b2:update:ttl:10000:ttln:5:@bob:k.ns@alice:v",
       "notify:id:a1b2:update:messageType:key:ttln:5:ttl:10000:@bob:k.ns@alice:v"},
      {"notify:remove:1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f", ""},
      {"llookup:@to:k@me", ""},
      {"delete:k@me", ""},
      {"delete:@to:k@me", ""},
      {"scan:showHidden:true", ""},
      {"scan:showHidden:true .*", ""},
      {"llookup:meta:k@me", ""},
  })));
}

TEST_CASE("the commands of the Dart tools are understood", "[at][verb][vectors]") {
  // atprotocol-wire.md 3.10, 3.12, 3.14; noports-newer.md 12
  check(GENERATE(values<Line>({
      {"update:ttl:2592000000:ttr:-1:ccd:true:isEncrypted:true:ivNonce:EBES:"
       "@bob:device_info.mydev.sshnp@alice wvLP",
       ""},
      {"update:ttl:30000:isEncrypted:false:immutable:true:s1.session_mutexes.sshnp@alice lock", ""},
      {"notify:id:a-b:update:messageType:key:priority:low:strategy:all:latestN:1:notifier:SYSTEM:"
       "ttln:60000:isEncrypted:true:sharedKeyEnc:c2s=:pubKeyCS:cd41f2c56bc1f929a0ce443ff5394e24:"
       "ivNonce:EBES:@bob:request.mydev.sshnp@alice:wvLP",
       ""},
      {"monitor:selfNotifications", ""},
      {"monitor:strict:selfNotifications:multiplexed:5 x", "monitor:selfNotifications:5 x"},
      {"lookup:all:shared_key@alice🛠", ""},
      {"enroll:revoke:force:{\"enrollmentId\":\"x\"}", ""},
  })));
}

}  // namespace
