// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/control.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "noports/crypto/aes.hpp"
#include "unit/bridge/keys.hpp"

using namespace noports;
using namespace noports::bridge;
using Kind = Protection::Kind;

namespace {

const std::string kSingle =
    "connect:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=:EBESExQVFhcYGRobHB0eHw==";
const std::string kTwin =
    kSingle + ":YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=:UFFSU1RVVldYWVpbXF1eXw==";

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A message as text: what it is, with what it carries.
std::string told(const ControlMessage& message) {
  if (const auto* connect = std::get_if<Connect>(&message)) {
    return std::string(encode(*connect).text());
  }
  if (const auto* beat = std::get_if<Heartbeat>(&message)) return encode(*beat);
  if (const auto* unknown = std::get_if<UnknownLine>(&message)) return "?" + unknown->verb;
  return "bad connect";
}

std::vector<std::string> read(const std::vector<std::string>& pieces, bool takes_unended = false) {
  ControlReader reader(takes_unended);
  std::vector<std::string> messages;
  for (const auto& piece : pieces) {
    REQUIRE(reader.feed(bytes(piece)));
    while (const auto message = reader.next()) messages.push_back(told(*message));
  }
  if (const auto message = reader.take_unended()) messages.push_back(told(*message) + "*");
  return messages;
}

std::string unhex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::string apply(crypto::CtrStream& stream, std::string text) {
  stream.apply(std::as_writable_bytes(std::span(text)));
  return text;
}

crypto::CtrStream session_stream() {
  const auto key = test::session_key();
  return *crypto::CtrStream::make(key.key.bytes(), key.iv.bytes());
}

using Messages = std::vector<std::string>;

}  // namespace

// noports-newer.md 27.5
TEST_CASE("twin connect and heartbeat have the bytes of the reference", "[bridge][vectors]") {
  const auto line = encode(Connect{test::twin_protection()});
  CHECK(line.text() == kTwin + "\n");
  CHECK(line.size() == 148);
  auto stream = session_stream();
  const auto sealed = apply(stream, std::string(line.text()) + encode(Heartbeat{1}));
  const std::string expected =
      "39016a396d9805acb96d10544bbaf7fe2a9a73ba88d6372f1955cb243e9f61b7510f3a6b74919597f4a56093aa6b"
      "b0abc6a13f4f12d5e5aa3a052541af22853e570c70419a054b1aa9e5b344a9fddb79a91bdb3151a23f2f906135a4"
      "f82b3657506e0fb6777ef794c656cf9fd8f4549c815bf365a2f6e69d9f97b92917b61fbb5d9ad334502d449f63c1"
      "e76e12309c72b3b3f6a9280966135124bb0932e32620";
  CHECK(crypto::hex(sealed) == expected);
  auto opener = session_stream();
  const Messages both{kTwin + "\n", "heartbeat:1\n"};
  CHECK(read({apply(opener, unhex(expected))}) == both);
}

// noports-wire.md 19.2
TEST_CASE("single connect lines have the bytes of the reference", "[bridge][vectors]") {
  auto protection = test::twin_protection();
  protection.kind = Kind::ctr;
  const auto line = encode(Connect{std::move(protection)});
  CHECK(line.text() == kSingle + "\n");
  CHECK(line.size() == 78);
  auto stream = session_stream();
  CHECK(
      crypto::hex(apply(stream, std::string(line.text()))) ==
      "39016a396d9805acb96d10544bbaf7fe2a9a73ba88d6372f1955cb243e9f61b7510f3a6b74919597f4a56093aa6b"
      "b0abc6a13f4f12d5e5aa3a052541af22853e570c70419a054b1aa9e5b344a9cd");
  // The second line of the same stream, position 78, with keys of its own.
  const auto second = apply(
      stream,
      unhex("e151811ce76077f43407b24d05c3da1f067b05523ed0454ac0bfb929fff6c09564b8a338c00080"
            "97d7b5cbcbd44d2994148254f5bf2f780c64854fe0b4783e62cd6590e1fcf3045c2c31527be362"));
  const auto messages = read({second});
  REQUIRE(messages.size() == 1);
  CHECK(messages[0] == second);
  CHECK(second.size() == 78);
}

TEST_CASE("a plain session's connect is clear text", "[bridge]") {
  CHECK(encode(Connect()).text() == "connect:no:encrypt\n");
  CHECK(read({"connect:no:encrypt\n"}) == Messages{"connect:no:encrypt\n"});
}

// noports-newer.md 27.5: "the same result ... delivered one by one, or split at any place"
TEST_CASE("control lines are read alike however they are cut", "[bridge][vectors]") {
  const std::string text = kTwin + "\nheartbeat:1\n" + kSingle + "\n";
  const Messages expected{kTwin + "\n", "heartbeat:1\n", kSingle + "\n"};
  const bool takes_unended = GENERATE(false, true);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); second += 7) {
      CHECK(read({text.substr(0, first), text.substr(first, second - first), text.substr(second)},
                 takes_unended) == expected);
    }
  }
  std::vector<std::string> singly;
  for (const char c : text) singly.emplace_back(1, c);
  CHECK(read(singly, takes_unended) == expected);
}

TEST_CASE("messages of old clients need no line end", "[bridge]") {
  const Messages one{kSingle + "\n*"};
  CHECK(read({kSingle}, true) == one);
  CHECK(read({kSingle.substr(0, 30), kSingle.substr(30)}, true) == one);
  const Messages two{kSingle + "\n", kSingle + "\n*"};
  CHECK(read({kSingle + kSingle}, true) == two);
  CHECK(read({kSingle, kSingle}, true) == two);
}

TEST_CASE("what may still become a line is not taken for an old client's message", "[bridge]") {
  CHECK(read({kSingle}, false).empty());  // a client that knows twins ends lines
  CHECK(read({"heartbeat:1\n", kSingle}, true).size() == 1);  // this one has ended one
  CHECK(read({kSingle + ":"}, true).empty());
  CHECK(read({kSingle.substr(0, 76)}, true).empty());
}

TEST_CASE("unknown control lines are told apart and end no session", "[bridge][hostile]") {
  CHECK(read({"hello:world\n\nconnected\nheartbeat:\nheartbeat:-1\nheartbeat:"
              "18446744073709551616\n"}) ==
        Messages{"?hello", "?", "?connected", "?heartbeat", "?heartbeat", "?heartbeat"});
  const auto verb = read({std::string("\x1b[2J") + std::string(100, 'x') + "\n"});
  REQUIRE(verb.size() == 1);
  CHECK(verb[0].find('\x1b') == std::string::npos);
  CHECK(verb[0].size() < 50);
}

TEST_CASE("a connect without good keys keeps its place", "[bridge][hostile]") {
  const auto line = GENERATE_COPY(
      as<std::string>{}, "connect:", "connect::", "connect:no",
      "connect:no:encrypt:", "connect:no:encrypt ", kSingle + ":", kSingle + "::", kTwin + ":x",
      kSingle + "=",
      "connect:" + std::string(44, 'A') + ":" + std::string(24, 'A'),  // 33 and 18 bytes
      "connect:" + std::string(43, '!') + "=:EBESExQVFhcYGRobHB0eHw==", kSingle.substr(0, 76),
      " " + kSingle, kTwin.substr(0, 146));
  CAPTURE(line);
  const auto messages = read({line + "\n", "heartbeat:7\n"});
  REQUIRE(messages.size() == 2);
  CHECK((messages[0] == "bad connect" || messages[0].starts_with("?")));
  CHECK((messages[0] == "bad connect") == line.starts_with("connect:"));
  CHECK(messages[1] == "heartbeat:7\n");
}

TEST_CASE("a control line without end is refused at 4096 bytes", "[bridge][hostile]") {
  ControlReader reader(false);
  const std::string most(ControlReader::kLimit, 'x');
  REQUIRE(reader.feed(bytes(most)));
  CHECK(reader.room() == 0);
  CHECK_FALSE(reader.next());
  const auto more = reader.feed(bytes("x"));
  REQUIRE_FALSE(more);
  CHECK(more.error().code() == Errc::bad_syntax);
}

TEST_CASE("a CR before the line end is no part of the line", "[bridge]") {
  CHECK(read({kSingle + "\r\n"}) == Messages{kSingle + "\n"});
}
