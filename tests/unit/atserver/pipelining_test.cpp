// SPDX-License-Identifier: BSD-3-Clause
// A client that sends many commands before it reads an answer: they share commits, and everything
// else is as if it had waited.
#include "running.hpp"

using namespace noports;
using test::RawClient;
using test::Running;
using namespace std::chrono_literals;

namespace {

// `count` answers of `prompt`, however they come.
std::vector<std::string> read_answers(RawClient& client, std::size_t count,
                                      const std::string& prompt) {
  std::vector<std::string> answers;
  std::string rest;
  const auto end = "\n" + prompt;
  while (answers.size() < count) {
    const auto record = client.read();
    if (record.starts_with('(')) FAIL("after " << answers.size() << " answers: " << record);
    rest += record;
    for (auto at = rest.find(end); at != rest.npos; at = rest.find(end)) {
      answers.push_back(rest.substr(0, at));
      rest.erase(0, at + end.size());
    }
  }
  CHECK(rest.empty());
  return answers;
}

}  // namespace

TEST_CASE("commands that are sent at once are answered one by one, in order",
          "[atserver][platform]") {
  Running world;
  world.activate("alice");
  const auto alice = world.login("alice");
  std::string burst;
  for (int i = 0; i < 200; ++i) {
    const auto n = std::to_string(i);
    burst += "update:k" + n + ".b@alice " + n + "\nllookup:k" + n + ".b@alice\nnonsense\n";
  }
  alice->send(burst);
  const auto answers = read_answers(*alice, 600, "@alice@");
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(answers[3 * i].starts_with("data:"));
    CHECK(answers[3 * i + 1] == "data:" + std::to_string(i));
    CHECK(answers[3 * i + 2].starts_with("error:AT0003-"));
  }
}

TEST_CASE("what follows a log-in in one write is the owner's, what precedes it a stranger's",
          "[atserver][platform][hostile]") {
  Running world;
  world.activate("alice");
  const auto client = world.connect("alice");
  client->send("llookup:x.y@alice\npkam:" + std::string(340, 'A') +
               "\nllookup:x.y@alice\nnoop:0\n");
  const auto answers = read_answers(*client, 4, "@");
  CHECK(answers[0].starts_with("error:AT0401-"));
  CHECK(answers[1].starts_with("error:"));
  CHECK(answers[2].starts_with("error:AT0401-"));
  CHECK(answers[3] == "data:ok");
  CHECK(world.try_login(*client, "alice") == "data:success\n@alice@");
}

TEST_CASE("nothing behind @exit is done", "[atserver][platform]") {
  Running world;
  world.activate("alice");
  const auto alice = world.login("alice");
  alice->send("update:before.b@alice 1\n@exit\nupdate:after.b@alice 1\n");
  std::string said;
  for (auto record = alice->read(); record != "(end)"; record = alice->read()) said += record;
  CHECK(said.starts_with("data:"));
  const auto again = world.login("alice");
  CHECK(again->ask("llookup:before.b@alice") == "data:1\n@alice@");
  CHECK(again->ask("llookup:after.b@alice").starts_with("error:AT0015-"));
}

TEST_CASE("who asks for much at once and does not read leaves the others their turn",
          "[atserver][platform][hostile]") {
  Running world;
  world.activate("alice");
  const auto greedy = world.login("alice"), other = world.login("alice");
  REQUIRE(greedy->ask("update:big.b@alice " + std::string(200'000, 'v')).starts_with("data:"));
  std::string burst;
  for (int i = 0; i < 500; ++i) burst += "llookup:big.b@alice\n";
  greedy->send(burst);
  // 100 MB are asked for; what is held of it is not more than a few of them.
  for (int i = 0; i < 20; ++i) {
    CHECK(other->ask("update:small.b@alice 1").starts_with("data:"));
  }
  std::size_t bytes = 0;
  while (bytes < 500 * (200'000 + 13)) {
    const auto record = greedy->read();
    REQUIRE_FALSE(record.starts_with('('));
    bytes += record.size();
  }
  CHECK(bytes == 500 * (200'000 + 13));  // "data:", LF and "@alice@"
}
