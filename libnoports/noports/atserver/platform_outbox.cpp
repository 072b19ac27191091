// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/platform_outbox.hpp"

#include "noports/atserver/peer_line.hpp"
#include "noports/base/finally.hpp"

namespace noports::atserver {
namespace {

// Clients give up after 3 s (1.7); so does the atServer that waits for our answer to its pol.
constexpr std::chrono::milliseconds kPatience{2'700}, kProofPatience{2'400};
constexpr std::size_t kMostProofs = 256;
constexpr std::size_t kLongestAnswer = 10'240'000;  // bytes (1.6)
constexpr std::size_t kLongestProof = 16 * 1024;    // bytes, of a signature or a key
constexpr std::chrono::seconds kPruneEvery{30};

at::Refusal no_answer() {
  return at::Refusal{"AT0001", "Exception: the other atServer gave no answer that fits"};
}

at::Refusal missing_record(const at::Key& key) {
  return at::Refusal{"AT0015", "Exception: " + key.str() + " does not exist in keystore"};
}

PeerAnswer read_record(const PeerLine& line, const at::Key& key) {
  if (const auto* refused = std::get_if<at::Refusal>(&line)) return *refused;
  auto record = decode_peer_record(std::get<at::Data>(line).text, key, wall_clock());
  if (record) return *std::move(record);
  if (record.error().code() == Errc::not_found) return missing_record(key);
  return no_answer();
}

PeerAnswer read_keys(const PeerLine& line) {
  if (const auto* refused = std::get_if<at::Refusal>(&line)) return *refused;
  auto keys = decode_peer_keys(std::get<at::Data>(line).text);
  if (!keys) return no_answer();
  return *std::move(keys);
}

std::string lookup(const at::KeyName& name, const at::Atsign& owner, at::Part part) {
  return at::encode(at::Verb(at::Lookup{false, part, name, owner}));
}

std::string line_of(const PeerRequest& request, const at::Atsign& whom) {
  if (const auto* scan = std::get_if<PeerScan>(&request)) {
    return at::encode(at::Verb(at::Scan{false, std::nullopt, scan->regex}));
  }
  return lookup(std::get<PeerFetch>(request).name, whom, at::Part::all);
}

// What it did not let us do is our handshake's failure (3.5), unless it was never asked.
at::Refusal handshake_failure(at::Refusal refusal) {
  if (refusal.code == "AT0007" || refusal.code == "AT0004" || refusal.code == "AT0006") {
    return refusal;
  }
  return at::Refusal{"AT0008", std::move(refusal.text)};
}

}  // namespace

PlatformOutbox::PlatformOutbox(Services& services, asio::any_io_executor executor,
                               LocalOutbox::Arrived arrived)
    : services_(services),
      local_(*services.store, std::move(arrived)),
      links_(services, std::move(executor)),
      courier_(services, links_) {}

void PlatformOutbox::start() {
  if (!services_.elsewhere) return;
  services_.tasks.spawn(keep_pruned());
  courier_.start();
}

asio::awaitable<void> PlatformOutbox::keep_pruned() {
  for (;;) {
    co_await net::pause(kPruneEvery);
    links_.prune();
  }
}

std::optional<Account> PlatformOutbox::find_here(const at::Atsign& atsign) {
  Database::Scope scope(services_.store->database());
  auto account = services_.store->accounts.find(atsign);
  if (!scope.finish()) return std::nullopt;
  return account;
}

void PlatformOutbox::deliver(const Outgoing& outgoing, std::int64_t now) {
  auto& accounts = services_.store->accounts;
  if (!services_.elsewhere || accounts.find(outgoing.to)) return local_.deliver(outgoing, now);
  if (const auto sender = accounts.find(outgoing.from)) courier_.take(*sender, outgoing, now);
}

asio::awaitable<PeerAnswer> PlatformOutbox::ask(at::Atsign asker, at::Atsign whom,
                                                PeerRequest request, std::int64_t now) {
  const auto from = find_here(asker);
  if (!services_.elsewhere || !from || find_here(whom)) {
    co_return co_await local_.ask(std::move(asker), std::move(whom), std::move(request), now);
  }
  if (const auto* proof = std::get_if<PeerProof>(&request)) {
    co_return co_await fetch_proof(std::move(whom), *proof, net::in(kProofPatience));
  }
  const auto deadline = net::in(kPatience);
  const auto* fetch = std::get_if<PeerFetch>(&request);
  if (fetch && fetch->open) co_return co_await fetch_open(std::move(whom), *fetch, deadline);
  co_return co_await ask_proved(*from, std::move(whom), std::move(request), deadline);
}

asio::awaitable<PeerAnswer> PlatformOutbox::fetch_open(at::Atsign whom, PeerFetch wanted,
                                                       net::Deadline deadline) {
  auto opened = co_await links_.open(whom, deadline);
  if (auto* refused = std::get_if<at::Refusal>(&opened)) co_return *std::move(refused);
  auto& connection = *std::get<0>(opened);
  auto answer =
      co_await connection.ask(lookup(wanted.name, whom, at::Part::all), kLongestAnswer, deadline);
  if (!answer) co_return PeerLinks::refusal(answer.error());
  co_return read_record(*answer, at::Key::open(wanted.name, whom));
}

asio::awaitable<PeerAnswer> PlatformOutbox::ask_proved(Account asker, at::Atsign whom,
                                                       PeerRequest request,
                                                       net::Deadline deadline) {
  for (;;) {
    auto proved = co_await links_.prove(asker, whom, deadline);
    if (auto* refused = std::get_if<at::Refusal>(&proved)) {
      co_return handshake_failure(std::move(*refused));
    }
    auto& held = std::get<0>(proved);
    auto answer = co_await held->ask(line_of(request, whom), kLongestAnswer, deadline);
    // One that was kept may have ended just now.
    if (!answer && !held.is_fresh() && answer.error().code() == Errc::disconnected) continue;
    if (!answer) co_return PeerLinks::refusal(answer.error());
    if (std::holds_alternative<PeerScan>(request)) co_return read_keys(*answer);
    const auto& name = std::get<PeerFetch>(request).name;
    co_return read_record(*answer, at::Key::shared(asker.atsign, name, whom));
  }
}

// 3.5, step 6. Whoever asks is a stranger yet.
asio::awaitable<PeerAnswer> PlatformOutbox::fetch_proof(at::Atsign whom, PeerProof wanted,
                                                        net::Deadline deadline) {
  if (proofs_ >= kMostProofs) {
    co_return at::Refusal{"AT0006", "Exception: too many proofs are being fetched"};
  }
  ++proofs_;
  const Finally fetched([this] { --proofs_; });
  auto opened = co_await links_.open(whom, deadline);
  if (auto* refused = std::get_if<at::Refusal>(&opened)) co_return *std::move(refused);
  auto& connection = *std::get<0>(opened);
  const auto public_key = *at::KeyName::parse("publickey");
  auto answer =
      co_await connection.ask(lookup(public_key, whom, at::Part::all), 64 * 1024, deadline);
  if (!answer) co_return PeerLinks::refusal(answer.error());
  Proof proof;
  std::string line = lookup(wanted.id, whom, at::Part::value);
  answer = co_await connection.ask(line, kLongestProof, deadline);
  if (!answer) co_return PeerLinks::refusal(answer.error());
  if (auto* refused = std::get_if<at::Refusal>(&*answer)) co_return *std::move(refused);
  proof.signature = std::get<at::Data>(*answer).text;
  line = lookup(signing_key(whom).name, whom, at::Part::value);
  answer = co_await connection.ask(line, kLongestProof, deadline);
  if (!answer) co_return PeerLinks::refusal(answer.error());
  if (auto* refused = std::get_if<at::Refusal>(&*answer)) co_return *std::move(refused);
  proof.key = std::get<at::Data>(*answer).text;
  // Ours says for whom the proof is; others have no such record.
  line = lookup(meant_for_key(wanted.id, whom).name, whom, at::Part::value);
  answer = co_await connection.ask(line, kLongestProof, deadline);
  if (!answer) co_return PeerLinks::refusal(answer.error());
  if (const auto* data = std::get_if<at::Data>(&*answer)) proof.meant_for = data->text;
  connection.close();
  co_return proof;
}

}  // namespace noports::atserver
