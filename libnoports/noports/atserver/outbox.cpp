// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/outbox.hpp"

#include "noports/atserver/reach.hpp"

namespace noports::atserver {

void LocalOutbox::deliver(const Outgoing& outgoing, std::int64_t now) {
  using Status = Notifications::Status;
  const auto sender = store_.accounts.find(outgoing.from);
  const auto recipient = store_.accounts.find(outgoing.to);
  if (!sender) return;
  // Nobody here can take it, now or later: there is no queue to other platforms.
  const bool taken = recipient && may_reach(store_.records, *recipient, outgoing.from);
  const auto status = taken ? Status::delivered : Status::errored;
  const Sending sending{outgoing.note.id, outgoing.to, outgoing.note.key,
                        outgoing.command, now,         outgoing.expires};
  const bool fresh = store_.notifications.send(sender->id, sending, status);
  if (!fresh || !taken) return;
  if (auto arrival = receive(store_, *recipient, outgoing, now)) arrived_(*std::move(arrival));
}

asio::awaitable<PeerAnswer> LocalOutbox::ask(at::Atsign asker, at::Atsign whom, PeerRequest request,
                                             std::int64_t now) {
  Database::Scope scope(store_.database());
  const auto owner = store_.accounts.find(whom);
  if (!owner) {
    const std::string name(whom.name());
    co_return at::Refusal{"AT0007", "Unable to find secondary address for atSign:" + name};
  }
  auto answer = answer_peer(store_, *owner, asker, request, now);
  if (!scope.finish()) {
    co_return at::Refusal{"AT0002", "Exception: the data could not be read"};
  }
  co_return answer;
}

}  // namespace noports::atserver
