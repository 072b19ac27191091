// SPDX-License-Identifier: BSD-3-Clause
// Lines from a stranger ('s' in front), an enrolment for one namespace ('e'), the atServer of @bob
// ('b'), or the owner: each has at most one answer, which is one line and its prompt, a stranger
// stays one, @bob speaks for @bob alone, and nobody but the owner changes how the owner logs in.
// The semi-permanent passcode is A1B2C3; the enrolment "e" is logged in, "p" waits.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "noports/atserver/outbox.hpp"
#include "noports/atserver/passcodes.hpp"
#include "noports/atserver/session.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/rsa.hpp"

using namespace noports;

namespace {

const std::string kId = "_12345678";  // of each connection
constexpr std::string_view kSecret = "secret";
constexpr std::string_view kPkamKey = "privatekey:at_pkam_publickey";

struct World {
  World() {
    for (const auto* name : {"@alice", "@bob"}) {
      const crypto::Secret secret{kSecret};
      if (!store->add(*at::Atsign::parse(name), secret, 1)) std::abort();
    }
    atserver::Database::Scope scope(store->database());
    alice = store->accounts.find(*at::Atsign::parse("@alice"));
    put(std::string(kPkamKey), "the owner's");
    const auto enrolment = [this](const std::string& id, const std::string& state) {
      put(id + ".new.enrollments.__manage@alice",
          R"({"appName":"a","deviceName":")" + id + R"(","apkamPublicKey":")" +
              key.public_key().text() + R"(","namespaces":{"x":"rw"},"approval":{"state":")" +
              state + "\"}}");
    };
    // What proves @bob on every connection whose challenge is "c".
    bob = store->accounts.find(*at::Atsign::parse("@bob"));
    put(bob->id, "public:signing_publickey@bob", key.public_key().text());
    put(bob->id, "public:" + kId + "@bob", crypto::base64(*key.sign("c")));
    enrolment("e", "approved");
    enrolment("p", "pending");
    if (!scope.finish() || !store->commit()) std::abort();
  }
  void put(std::string name, std::string value) {
    put(alice->id, std::move(name), std::move(value));
  }
  void put(std::int64_t account, std::string name, std::string value) {
    atserver::Record record;
    record.key = std::move(name);
    record.value = std::move(value);
    store->records.put(account, record);
  }
  const crypto::PrivateKey key = *crypto::PrivateKey::generate();
  std::optional<atserver::Account> alice, bob;
  std::unique_ptr<atserver::Store> store = *atserver::Store::open({});
  atserver::LocalOutbox outbox{*store, [](const atserver::Arrival& arrival) {
                                 if (arrival.line->find('\n') != arrival.line->size() - 1) {
                                   std::abort();
                                 }
                               }};
};

void check(const atserver::Session& session, const atserver::Outcome& outcome) {
  const auto& answer = outcome.answer;
  if (answer.empty()) return;
  const bool is_peer = session.peer().has_value();
  if (is_peer && (session.is_authenticated() || session.peer()->str() != "@bob")) std::abort();
  if (is_peer && answer == "@bob@") return;
  std::string_view line = answer;
  const bool refuses = answer.starts_with("error:");
  if (!take(line, "data:") && !take(line, "error:")) std::abort();
  const auto end = line.find('\n');
  if (end == line.npos) std::abort();
  const std::string_view prompt = session.monitor()            ? ""
                                  : session.is_authenticated() ? "@alice@"
                                  : is_peer && !refuses        ? "@bob@"
                                                               : "@";
  if (line.substr(end + 1) != prompt) std::abort();
}

void take_line(World& world, atserver::Session& session, std::string_view line, int count) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000 + count * 1000;
  moment.uuid = "u" + std::to_string(count);
  auto outcome = session.take(line, moment);
  for (const auto& outgoing : outcome.deliveries) world.outbox.deliver(outgoing, moment.now);
  for (const auto& arrival : outcome.arrivals) {
    if (arrival.from != "@bob" || arrival.account != world.alice->id) std::abort();
  }
  while (outcome.ask) {
    atserver::PeerAnswer answer = at::Refusal{"AT0007", "nobody"};
    if (const auto whom = world.store->accounts.find(outcome.ask->whom)) {
      answer = atserver::answer_peer(*world.store, *whom, session.account().atsign,
                                     outcome.ask->request, moment.now);
    }
    outcome = session.resume(answer, moment);
  }
  check(session, outcome);
}

void login_enrolled(World& world, atserver::Session& session) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000;
  moment.uuid = "c";
  session.take("from:@alice", moment);
  const auto signature = crypto::base64(*world.key.sign(kId + "@alice:c"));
  take_line(world, session, "pkam:enrollmentId:e:" + signature, 0);
  if (!session.is_authenticated()) std::abort();
}

void login(World& world, atserver::Session& session) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000;
  moment.uuid = "c";
  session.take("from:@alice", moment);
  take_line(world, session, "cram:" + crypto::cram_digest(kSecret, kId + "@alice:c"), 0);
  if (!session.is_authenticated()) std::abort();
}

void login_peer(World& world, atserver::Session& session) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000;
  moment.uuid = "c";
  session.take("from:@bob", moment);
  take_line(world, session, "pol", 0);
  if (!session.peer()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  // Never finished: everything is undone, and each run begins with the same store.
  atserver::Database::Scope scope(world.store->database());
  atserver::Session session(*world.store, *world.store->accounts.find(*at::Atsign::parse("alice")),
                            kId);
  const bool stranger = take(input, "s");
  const bool enrolled = !stranger && take(input, "e\n");
  const bool peer = !stranger && !enrolled && take(input, "b\n");
  if (enrolled) login_enrolled(world, session);
  if (peer) login_peer(world, session);
  if (!stranger && !enrolled && !peer) login(world, session);
  if (stranger) {
    const std::string owner("@alice");
    atserver::keep_passcode(world.store->records, world.alice->id, owner, "A1B2C3",
                            atserver::PasscodeKind::permanent, 1, std::nullopt);
  }
  int count = 0;
  for (const auto line : split(input, '\n')) take_line(world, session, line, ++count);
  if ((stranger || peer) && session.is_authenticated()) std::abort();
  if (!stranger && !enrolled && !peer) return 0;
  const auto login_key = world.store->records.find(world.alice->id, kPkamKey);
  if (!login_key || login_key->value != "the owner's") std::abort();
  return 0;
}
