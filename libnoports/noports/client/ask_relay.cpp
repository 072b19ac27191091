// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ask_relay.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "noports/base/text.hpp"

namespace noports::client {
namespace {

using namespace std::chrono_literals;

// Several instances may serve one relay's atSign; they answer within moments of one another, so a
// refusal is final when none of the others has said yes by then.
constexpr auto kOtherInstances = 500ms;

Error silent(const at::Atsign& relay) {
  return Error(Errc::timed_out, Hop::relay, "no answer in time")
      .hint("check that srvd runs as " + relay.str() + ", or choose another relay with -r");
}

Error refusal(const at::Atsign& relay, const std::string& text) {
  return Error(Errc::refused, Hop::relay, relay.str() + " says: " + printable(text))
      .hint("choose another relay with -r, or ask its operator");
}

atclient::Inbox subscribe(atclient::Mailbox& mail, at::Atsign relay, at::KeyName yes,
                          at::KeyName no) {
  return mail.subscribe([relay, yes, no](const at::Atsign& from, std::string_view key) {
    return from == relay && (key == yes.str() || key == no.str());
  });
}

// The lease out of the answers that come in; `no` is the key of a refusal.
asio::awaitable<Result<proto::Lease>> first_yes(atclient::Inbox& inbox, at::Atsign relay,
                                                at::KeyName no, net::Deadline deadline) {
  std::optional<Error> refused;
  for (;;) {
    auto note = co_await net::before(deadline, inbox.next());
    if (!note) {
      if (refused) co_return fail(*std::move(refused));
      if (note.error().code() == Errc::timed_out) co_return fail(silent(relay));
      co_return fail(std::move(note).error());
    }
    if (note->from != relay) continue;  // anyone may write to us; only the relay's word counts
    if (note->key == no) {
      refused = refusal(relay, note->value);
      deadline = std::min<net::Deadline>(deadline, net::in(kOtherInstances));
      continue;
    }
    auto lease = proto::decode_lease(note->value);
    if (!lease) co_return fail(std::move(lease).error().at(Hop::relay));
    co_return *std::move(lease);
  }
}

}  // namespace

asio::awaitable<Result<proto::Lease>> ask_relay(atclient::Mailbox& mail, at::Atsign relay,
                                                proto::DeviceName device,
                                                proto::LeaseRequest request,
                                                net::Deadline deadline) {
  const std::string doing = "asking " + relay.str() + " for a meeting point";
  const auto yes = proto::relay_answer_key(request.session.str());
  const auto no = proto::relay_nack_key(request.session.str());

  // Before asking: the answer may come before notify() has returned.
  auto inbox = subscribe(mail, relay, yes, no);
  atclient::Letter letter{relay, proto::relay_request_key(device), proto::encode(request)};
  auto sent = co_await mail.notify(std::move(letter), deadline);
  if (!sent) co_return fail(std::move(sent).error().during(doing));
  auto lease = co_await first_yes(inbox, relay, no, deadline);
  if (!lease) co_return fail(std::move(lease).error().during(doing));
  co_return *std::move(lease);
}

}  // namespace noports::client
