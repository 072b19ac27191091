// SPDX-License-Identifier: BSD-3-Clause
// Several relays, of which the first that is there will do.
#include "noports/client/ask_relays.hpp"

#include "world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct Asking : test::World {
  Asking() {
    mail.on_letter = [this](const atclient::Letter& letter) { answer(letter); };
  }
  void answer(const atclient::Letter& letter) {
    const auto relay = letter.to.str();
    const auto session = request.session.str();
    if (refusing.contains(relay)) {
      mail.answers(relay, proto::relay_nack_key(session).str(), "full");
    } else if (leases.contains(relay)) {
      mail.answers(relay, proto::relay_answer_key(session).str(),
                   proto::encode_json(leases.at(relay)));
    }
  }
  Result<client::RelayLease> ask(std::vector<std::string> names, std::chrono::milliseconds patience,
                                 std::chrono::milliseconds head_start = 30s) {
    std::vector<at::Atsign> relays;
    for (const auto& name : names) relays.push_back(test::atsign(name));
    return run(client::ask_relays(mail, std::move(relays), device.name, request, net::in(patience),
                                  head_start));
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> names;
    for (const auto& letter : mail.letters) names.push_back(letter.to.str());
    return names;
  }

  proto::LeaseRequest request{proto::SessionId::fresh(), test::atsign("@ann"),
                              test::atsign("@dev")};
  std::map<std::string, proto::Lease> leases;
  std::set<std::string> refusing;
};

proto::Lease lease_at(std::string host) {
  auto lease = test::lease();
  lease.host = std::move(host);
  return lease;
}

}  // namespace

TEST_CASE("a relay that answers is the only one that is asked", "[client]") {
  Asking world;
  world.leases = {{"@one", lease_at("one.example")}, {"@two", lease_at("two.example")}};
  const auto found = world.ask({"@one", "@two"}, test::kPatience);
  REQUIRE(found);
  CHECK(found->relay.str() == "@one");
  CHECK(found->lease.host == "one.example");
  CHECK(world.asked() == std::vector<std::string>{"@one"});
}

TEST_CASE("when a relay refuses the next is asked at once", "[client]") {
  Asking world;
  world.refusing = {"@one"};
  world.leases = {{"@two", lease_at("two.example")}};
  const auto found = world.ask({"@one", "@two", "@three"}, test::kPatience);
  REQUIRE(found);
  CHECK(found->relay.str() == "@two");
  CHECK(world.asked() == std::vector<std::string>{"@one", "@two"});
}

TEST_CASE("when a relay is silent the next is asked meanwhile", "[client]") {
  Asking world;
  world.leases = {{"@two", lease_at("two.example")}};
  const auto found = world.ask({"@one", "@two"}, test::kPatience, 10ms);
  REQUIRE(found);
  CHECK(found->relay.str() == "@two");
  CHECK(world.asked() == std::vector<std::string>{"@one", "@two"});
}

TEST_CASE("an answer that comes after the next was asked counts", "[client]") {
  Asking world;
  world.mail.on_letter = [&](const atclient::Letter& letter) {
    if (letter.to.str() != "@two") return;
    world.leases = {{"@one", lease_at("one.example")}};
    world.answer(world.mail.letters.front());
  };
  const auto found = world.ask({"@one", "@two"}, test::kPatience, 10ms);
  REQUIRE(found);
  CHECK(found->relay.str() == "@one");
}

TEST_CASE("when no relay is of use all are named", "[client][hostile]") {
  Asking world;
  world.refusing = {"@two"};
  const auto found = world.ask({"@one", "@two", "@three"}, 100ms, 10ms);
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == Errc::timed_out);
  CHECK(found.error().hop() == Hop::relay);
  CHECK(found.error().what() ==
        "asking @one for a meeting point: no answer in time; neither is @two, @three of use");
}
