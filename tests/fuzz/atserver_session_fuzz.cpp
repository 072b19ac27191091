// SPDX-License-Identifier: BSD-3-Clause
// Lines from a stranger ('s' in front) or from the owner: each has at most one answer, which is one
// line and its prompt, and a stranger stays one.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "noports/atserver/outbox.hpp"
#include "noports/atserver/session.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/digest.hpp"

using namespace noports;

namespace {

constexpr std::string_view kSecret = "secret";

struct World {
  World() {
    for (const auto* name : {"@alice", "@bob"}) {
      const crypto::Secret secret{kSecret};
      if (!store->add(*at::Atsign::parse(name), secret, 1)) std::abort();
    }
  }
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
  std::string_view line = answer;
  if (!take(line, "data:") && !take(line, "error:")) std::abort();
  const auto end = line.find('\n');
  if (end == line.npos) std::abort();
  const std::string_view prompt = session.monitor()            ? ""
                                  : session.is_authenticated() ? "@alice@"
                                                               : "@";
  if (line.substr(end + 1) != prompt) std::abort();
}

void take_line(World& world, atserver::Session& session, std::string_view line, int count) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000 + count * 1000;
  moment.uuid = "u" + std::to_string(count);
  auto outcome = session.take(line, moment);
  for (const auto& outgoing : outcome.deliveries) world.outbox.deliver(outgoing, moment.now);
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

void login(World& world, atserver::Session& session) {
  atserver::Moment moment;
  moment.now = 1'700'000'000'000;
  moment.uuid = "c";
  session.take("from:@alice", moment);
  take_line(world, session, "cram:" + crypto::cram_digest(kSecret, "_s@alice:c"), 0);
  if (!session.is_authenticated()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  // Never finished: everything is undone, and each run begins with the same store.
  atserver::Database::Scope scope(world.store->database());
  atserver::Session session(*world.store, *world.store->accounts.find(*at::Atsign::parse("alice")),
                            "_s");
  const bool stranger = take(input, "s");
  if (!stranger) login(world, session);
  int count = 0;
  for (const auto line : split(input, '\n')) take_line(world, session, line, ++count);
  if (stranger && session.is_authenticated()) std::abort();
  return 0;
}
