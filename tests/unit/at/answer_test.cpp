// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/answer.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace {

using namespace noports;
using at::Answer;
using at::Bare;
using at::Data;
using at::decode_answer;
using at::ErrorShape;
using at::Push;
using at::Refusal;

TEST_CASE("answers are told apart and prompts dropped", "[at][answer][vectors]") {
  // atprotocol-wire.md 1.4, 1.5, 1.8 and the transcripts of section 8
  struct Case {
    std::string line;
    Answer answer;
  };
  const auto [line, answer] = GENERATE(values<Case>({
      {"data:success", Data{"success"}},
      {"@data:success", Data{"success"}},
      {"@alice@data:ok", Data{"ok"}},
      {"@alice🛠@@data:ok", Data{"ok"}},
      {"data:", Data{""}},
      {"data:null", Data{"null"}},
      {"data:data:x", Data{"data:x"}},
      {"data: [{\"id\":\"3\"}]", Data{" [{\"id\":\"3\"}]"}},
      {"data:_4c3d@alice:8a1e", Data{"_4c3d@alice:8a1e"}},
      {"data:proof:_9b2f@alice:P", Data{"proof:_9b2f@alice:P"}},
      {"notification: {\"id\":\"-1\"}", Push{"{\"id\":\"-1\"}"}},
      {"notification:{\"id\":\"-1\"}", Push{"{\"id\":\"-1\"}"}},
      {"@alice@notification: {\"id\":\"@b\"}", Push{"{\"id\":\"@b\"}"}},
      {"null", Bare{"null"}},
      {"@null", Bare{"null"}},
      {"alice.example.net:7001", Bare{"alice.example.net:7001"}},
      {"@alice.example.net:7001", Bare{"alice.example.net:7001"}},
      {"", Bare{""}},
      {"stream:ack 5", Bare{"stream:ack 5"}},
  }));
  CAPTURE(line);
  CHECK(decode_answer(line) == answer);
}

TEST_CASE("all four error shapes are read", "[at][answer][vectors]") {
  // atprotocol-wire.md 7.1 and 8.2 to 8.6
  struct Case {
    std::string line;
    Refusal refusal;
  };
  const auto [line, refusal] = GENERATE(values<Case>({
      {"error:AT0401-Exception: pkam authentication failed",
       {"AT0401", "Exception: pkam authentication failed"}},
      {"@alice@error:AT0015-key not found : @bob:x.demo@alice does not exist in keystore",
       {"AT0015", "key not found : @bob:x.demo@alice does not exist in keystore"}},
      {"error:{\"errorCode\":\"AT0015\",\"errorDescription\":\"key not found : nokey.sshnp@alice "
       "does not exist in keystore\"}",
       {"AT0015", "key not found : nokey.sshnp@alice does not exist in keystore"}},
      {"error:AT0026:enrollment_id: 86c16cf2-2c4a is pending",
       {"AT0026", "enrollment_id: 86c16cf2-2c4a is pending"}},
      {"error:null:stats failed", {"", "stats failed"}},
      {"error:AT0012-Inbound connection limit exceeded",
       {"AT0012", "Inbound connection limit exceeded"}},
      {"error:AT0003", {"AT0003", ""}},
      {"error:", {"", ""}},
  }));
  CAPTURE(line);
  CHECK(decode_answer(line) == Answer(refusal));
}

TEST_CASE("strange errors still are errors", "[at][answer][hostile]") {
  const auto body = GENERATE(as<std::string>{}, "{", "{}", "[]", "{\"errorCode\":5}",
                             "{\"errorCode\":\"AT\\n\"}", "AT-x", "ATX-x", "at0015-x", "AT0015 x",
                             "\xff\xfe", "-", ":", std::string(100000, '{'));
  CAPTURE(body.substr(0, 20));
  const auto answer = decode_answer("error:" + body);
  REQUIRE(std::holds_alternative<Refusal>(answer));
  CHECK(std::get<Refusal>(answer).code.empty());
}

TEST_CASE("a server's answers have the bytes of the reference", "[at][answer][vectors]") {
  // atprotocol-wire.md 1.3, 1.4, 7.1
  CHECK(at::encode(Data{"ok"}, "@alice@") == "data:ok\n@alice@");
  CHECK(at::encode(Data{"data:x"}, "") == "data:data:x\n");
  CHECK(at::encode(Push{"{}"}) == "notification: {}\n");
  const Refusal missing{"AT0015", "key not found : x@alice does not exist in keystore"};
  CHECK(at::encode(missing, ErrorShape::text, "@alice@") ==
        "error:AT0015-key not found : x@alice does not exist in keystore\n@alice@");
  CHECK(at::encode(missing, ErrorShape::json, "@") ==
        "error:{\"errorCode\":\"AT0015\",\"errorDescription\":\"key not found : x@alice does not "
        "exist in keystore\"}\n@");
  CHECK(at::encode(Refusal{"AT0026", "enrollment_id: x is pending"}, ErrorShape::handler, "@") ==
        "error:AT0026:enrollment_id: x is pending\n@");
  CHECK(at::encode(Refusal{"", "x"}, ErrorShape::handler, "") == "error:null:x\n");
}

TEST_CASE("no text can make two lines of an answer", "[at][answer][hostile]") {
  CHECK(at::encode(Refusal{"AT0011", "a\r\ndata:b"}, ErrorShape::text, "@") ==
        "error:AT0011-a  data:b\n@");
  CHECK(at::encode(Refusal{"AT0011", "a\nb\xff"}, ErrorShape::json, "") ==
        "error:{\"errorCode\":\"AT0011\",\"errorDescription\":\"a\\nb\ufffd\"}\n");
  CHECK_THROWS_AS(at::encode(Data{"a\nb"}, "@"), std::logic_error);
  CHECK_THROWS_AS(at::encode(Push{"a\nb"}), std::logic_error);
}

TEST_CASE("a refusal survives every shape", "[at][answer]") {
  const auto shape = GENERATE(ErrorShape::text, ErrorShape::json, ErrorShape::handler);
  const auto refusal = GENERATE(values<Refusal>({{"AT0016", "a-b:c \"d\""}, {"", "none"}}));
  auto line = at::encode(refusal, shape, "");
  line.pop_back();
  CHECK(decode_answer(line) == Answer(refusal));
}

TEST_CASE("a refusal becomes what its caller can act on", "[at][answer]") {
  CHECK(at::table_text("AT0015") == "key not found");
  CHECK(at::table_text("AT9999").empty());

  const auto missing = at::to_error(Refusal{"AT0015", "x does not exist in keystore"});
  CHECK(missing.code() == Errc::not_found);
  CHECK(missing.hop() == Hop::atserver);
  CHECK(missing.what() == "AT0015: x does not exist in keystore");

  CHECK(at::to_error(Refusal{"AT0401", ""}).code() == Errc::rejected);
  CHECK(at::to_error(Refusal{"AT0026", ""}).code() == Errc::rejected);
  CHECK_FALSE(at::to_error(Refusal{"AT0026", ""}).hint().empty());
  CHECK(at::to_error(Refusal{"AT0009", ""}).code() == Errc::refused);
  CHECK(at::to_error(Refusal{"AT0023", ""}).code() == Errc::timed_out);
  CHECK(at::to_error(Refusal{"AT0007", ""}).hop() == Hop::directory);
  CHECK(at::to_error(Refusal{"", "anything"}).code() == Errc::refused);
}

TEST_CASE("an error's sentence is fit for a terminal", "[at][answer][hostile]") {
  const auto error = at::to_error(Refusal{"AT0011", "a\x1b[2Jb\xff" + std::string(10000, 'x')});
  CHECK(error.what().find('\x1b') == std::string::npos);
  CHECK(error.what().size() < 1000);
}

}  // namespace

TEST_CASE("a deep error in JSON stays a text", "[at][answer][hostile]") {
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const auto answer = decode_answer("error:" + deep);
  CHECK(std::get<at::Refusal>(answer).text == deep);
}
