// SPDX-License-Identifier: BSD-3-Clause
// Two atSigns of one platform without sockets: sessions over a store in memory, with the clock and
// the random ids in the test's hands.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "noports/atserver/outbox.hpp"
#include "noports/atserver/session.hpp"
#include "noports/atserver/store.hpp"
#include "support/vectors.hpp"

namespace noports::test {

inline at::Atsign atsign(const std::string& name) { return *at::Atsign::parse(name); }

// tests/vectors/atserver.json
inline std::string vector_of(const char* name) {
  static const auto all = vectors("atserver.json");
  return all.at(name).get<std::string>();
}

class World {
 public:
  World() {
    for (const auto* name : {"@alice", "@bob"}) {
      REQUIRE(store->add(atsign(name), crypto::Secret(vector_of("cramSecret")), now));
    }
  }

  atserver::Account account(const std::string& name) {
    atserver::Database::Scope scope(store->database());
    return *store->accounts.find(atsign(name));
  }

  atserver::Session session(const std::string& name, const std::string& id = "_sid") {
    return atserver::Session(*store, account(name), id);
  }

  // As atserver::Connection does it, in one go. The uuids are the given ones, then u1, u2, ...
  atserver::Outcome take(atserver::Session& session, std::string_view line) {
    auto outcome = step([&] { return session.take(line, moment()); });
    while (outcome.ask) {
      const auto answer = ask(session.account().atsign, *outcome.ask);
      outcome = step([&] { return session.resume(answer, moment()); });
    }
    return outcome;
  }
  std::string say(atserver::Session& session, std::string_view line) {
    return take(session, line).answer;
  }

  // An owner's connection, by PKAM with the pair K1.
  atserver::Session owner(const std::string& name) {
    put(name, "privatekey:at_pkam_publickey", vector_of("k1Public"));
    auto one = session(name, "_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b");
    login(one);
    return one;
  }
  // With the pair K1, which is the key of `enrollment` when that is named.
  void login(atserver::Session& one, const std::string& enrollment = "");

  void put(const std::string& name, const std::string& key, const std::string& value) {
    const auto whose = account(name);
    atserver::Database::Scope scope(store->database());
    atserver::Record record;
    record.key = key;
    record.value = value;
    record.created = record.updated = now;
    store->records.put(whose.id, record);
    REQUIRE(scope.finish());
  }
  std::optional<std::string> value(const std::string& name, const std::string& key) {
    const auto whose = account(name);
    atserver::Database::Scope scope(store->database());
    const auto record = store->records.find(whose.id, key);
    if (!record) return std::nullopt;
    return record->value;
  }

  // What live monitors of `name` would have been sent so far, in order.
  std::vector<std::string> pushed(const std::string& name) {
    std::vector<std::string> lines;
    for (const auto& arrival : arrived) {
      if (arrival.account == account(name).id) lines.push_back(*arrival.line);
    }
    return lines;
  }

  std::int64_t now = 1'727'773'200'123;  // 2024-10-01 09:00:00.123Z
  std::deque<std::string> uuids;
  atserver::Vitals vitals;
  std::unique_ptr<atserver::Store> store = *atserver::Store::open({});
  std::vector<atserver::Arrival> arrived;
  atserver::LocalOutbox outbox{
      *store, [this](atserver::Arrival arrival) { arrived.push_back(std::move(arrival)); }};

 private:
  atserver::Moment moment() {
    atserver::Moment one;
    one.now = now;
    one.vitals = vitals;
    if (uuids.empty()) uuids.push_back("u" + std::to_string(++counter_));
    one.uuid = uuids.front();
    uuids.pop_front();
    return one;
  }

  template <class Step>
  atserver::Outcome step(Step step) {
    atserver::Database::Scope scope(store->database());
    auto outcome = step();
    for (const auto& outgoing : outcome.deliveries) outbox.deliver(outgoing, now);
    REQUIRE(scope.finish());
    return outcome;
  }

  atserver::PeerAnswer ask(const at::Atsign& asker, const atserver::Ask& ask) {
    atserver::Database::Scope scope(store->database());
    const auto whom = store->accounts.find(ask.whom);
    if (!whom) return at::Refusal{"AT0007", "Unable to find"};
    return atserver::answer_peer(*store, *whom, asker, ask.request, now);
  }

  int counter_ = 0;
};

}  // namespace noports::test
