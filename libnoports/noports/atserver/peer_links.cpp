// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer_links.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/atserver/known_key.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

constexpr std::size_t kMost = 400;      // in use at once
constexpr std::size_t kMostOfPair = 4;  // in use, of one atSign to another
constexpr std::size_t kMostIdle = 200;  // 1.7
constexpr std::size_t kMostIdleOfPair = 2;
constexpr std::chrono::minutes kIdle{4};           // atServers close after ten
constexpr std::size_t kLongestRecord = 64 * 1024;  // bytes; of a public key
constexpr std::size_t kLongestAnswer = 4096;       // bytes; to from
constexpr std::int64_t kSignatureLife = 60'000;    // ms
constexpr std::chrono::milliseconds kLogInPatience{3'000};

at::Refusal nowhere(const at::Atsign& whom) {
  const std::string name(whom.name());
  return at::Refusal{"AT0007", "Exception: Unable to find secondary address for atSign:" + name};
}

at::Verb ask_public_key(const at::Atsign& of) {
  return at::Lookup{false, at::Part::all, *at::KeyName::parse("publickey"), of};
}

}  // namespace

PeerLinks::PeerLinks(Services& services, asio::any_io_executor executor)
    : services_(services),
      keys_(services, executor),
      freed_(executor, asio::steady_timer::time_point::max()) {}

PeerLinks::Held::~Held() {
  if (links_) links_->give_back(key_, std::move(connection_));
}

at::Refusal PeerLinks::refusal(const Error& error) {
  if (error.code() == Errc::timed_out) {
    return at::Refusal{"AT0023", "Exception: the other atServer did not answer in time"};
  }
  if (error.code() == Errc::bad_syntax) {
    return at::Refusal{"AT0001", "Exception: the other atServer gave no answer that fits"};
  }
  return at::Refusal{"AT0004", "Exception: the other atServer: " + error.what()};
}

asio::awaitable<PeerLinks::Connected> PeerLinks::open(at::Atsign whom, net::Deadline deadline) {
  if (!services_.elsewhere) co_return nowhere(whom);
  auto place = co_await services_.elsewhere->find(whom, deadline);
  if (!place) {
    if (place.error().code() == Errc::not_found) co_return nowhere(whom);
    co_return at::Refusal{"AT0004", "Exception: the directory: " + place.error().what()};
  }
  auto connection =
      co_await PeerConnection::open(services_.elsewhere->tls(), *std::move(place), deadline);
  if (!connection) {
    services_.elsewhere->doubt(whom);
    co_return at::Refusal{"AT0004", "Exception: " + connection.error().what()};
  }
  co_return *std::move(connection);
}

std::size_t PeerLinks::in_use(const std::string& key) const {
  const auto found = in_use_.find(key);
  return found == in_use_.end() ? 0 : found->second;
}

asio::awaitable<Result<void>> PeerLinks::one_is_freed() {
  const auto [code] = co_await freed_.async_wait(kTuple);
  if (code) co_await net::checkpoint();
  co_return Result<void>();
}

asio::awaitable<OrRefusal<PeerLinks::Held>> PeerLinks::prove(Account from, at::Atsign to,
                                                             net::Deadline deadline) {
  const auto key = from.atsign.str() + to.str();
  while (held_ >= kMost || in_use(key) >= kMostOfPair) {
    const auto waited = co_await net::before(deadline, one_is_freed());
    if (!waited) {
      co_return at::Refusal{"AT0006", "Exception: too many connections to " + to.str()};
    }
  }
  ++in_use_[key];
  ++held_;
  Held held(*this, key);
  held.connection_ = take_idle(key);
  if (held.connection_) co_return std::move(held);
  held.is_fresh_ = true;
  auto opened = co_await open(to, deadline);
  if (auto* refused = std::get_if<at::Refusal>(&opened)) co_return *std::move(refused);
  held.connection_ = std::get<0>(std::move(opened));
  const auto patience = std::min(deadline, net::in(kLogInPatience));
  auto refused = co_await log_in(*held.connection_, std::move(from), to, patience);
  if (refused) {
    held.connection_->close();
    co_return *std::move(refused);
  }
  co_return std::move(held);
}

// 3.5 as @alice's server does it.
asio::awaitable<std::optional<at::Refusal>> PeerLinks::log_in(PeerConnection& connection,
                                                              Account from, at::Atsign to,
                                                              net::Deadline deadline) {
  if (auto failed = co_await compare_key(connection, from, to, deadline)) co_return failed;
  auto answer = co_await connection.ask("from:" + from.atsign.str(), kLongestAnswer, deadline);
  if (!answer) co_return refusal(answer.error());
  if (auto* refused = std::get_if<at::Refusal>(&*answer)) co_return *std::move(refused);
  const auto challenge = decode_peer_challenge(std::get<at::Data>(*answer).text, from.atsign);
  if (!challenge) co_return refusal(challenge.error());
  const auto key = co_await keys_.of(from);
  if (!key) co_return refusal(key.error());
  const auto signature = key->sign(challenge->nonce);
  if (!signature) co_return refusal(signature.error());
  publish(from, to, challenge->id, crypto::base64(*signature));
  auto verdict = co_await connection.prove(from.atsign, deadline);
  withdraw(from, challenge->id);
  if (!verdict) co_return refusal(verdict.error());
  if (verdict->verdict == PolAnswer::Verdict::accepted) co_return std::nullopt;
  if (verdict->verdict == PolAnswer::Verdict::refused) co_return std::move(verdict->refusal);
  co_return refusal(Error(Errc::bad_syntax, Hop::atserver, "no answer to pol"));
}

// Step 2: what the other says of its key is of use whether it lets us in or not. A failure of the
// connection alone matters.
asio::awaitable<std::optional<at::Refusal>> PeerLinks::compare_key(PeerConnection& connection,
                                                                   Account from, at::Atsign to,
                                                                   net::Deadline deadline) {
  auto answer = co_await connection.ask(at::encode(ask_public_key(to)), kLongestRecord, deadline);
  if (!answer) co_return refusal(answer.error());
  const auto* data = std::get_if<at::Data>(&*answer);
  if (!data) co_return std::nullopt;
  const auto now = wall_clock();
  const auto key = at::Key::open(*at::KeyName::parse("publickey"), to);
  const auto record = decode_peer_record(data->text, key, now);
  if (!record) co_return std::nullopt;
  Database::Scope scope(services_.store->database());
  const bool changed = note_public_key(*services_.store, from, to, *record, now);
  if (scope.finish() && changed) {
    log::warn("atserver", "the public key of an atSign has changed",
              {{"atsign", to.str()}, {"known to", from.atsign.str()}});
  }
  services_.commits->after([](bool) {});
  co_return std::nullopt;
}

void PeerLinks::publish(const Account& from, const at::Atsign& to, const at::KeyName& id,
                        const std::string& signature) {
  Database::Scope scope(services_.store->database());
  const auto put = [&](const at::Key& key, const std::string& value) {
    Record record;
    record.key = key.str();
    record.value = value;
    record.created = record.updated = wall_clock();
    record.metadata.ttl = kSignatureLife;
    set_lifetimes(record);
    services_.store->records.put(from.id, record);
  };
  // The other atServer chose the name; what is there already stays.
  const auto key = signature_key(id, from.atsign);
  if (!services_.store->records.find(from.id, key.str())) {
    put(key, signature);
    put(meant_for_key(id, from.atsign), to.str());
  }
  static_cast<void>(scope.finish());
  services_.commits->after([](bool) {});
}

void PeerLinks::withdraw(const Account& from, const at::KeyName& id) {
  Database::Scope scope(services_.store->database());
  auto& records = services_.store->records;
  const auto meant_for = meant_for_key(id, from.atsign).str();
  if (records.find(from.id, meant_for)) {
    records.erase(from.id, meant_for);
    records.erase(from.id, signature_key(id, from.atsign).str());
  }
  static_cast<void>(scope.finish());
  services_.commits->after([](bool) {});
}

std::unique_ptr<PeerConnection> PeerLinks::take_idle(const std::string& key) {
  for (;;) {
    // The one used last is the likeliest to live.
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                    [&](const Idle& idle) { return idle.key == key; });
    if (found == idle_.rend()) return nullptr;
    auto connection = std::move(found->connection);
    idle_.erase(std::next(found).base());
    if (connection->is_quiet()) return connection;
  }
}

void PeerLinks::give_back(const std::string& key,
                          std::unique_ptr<PeerConnection> connection) noexcept {
  --held_;
  const auto used = in_use_.find(key);
  if (used != in_use_.end() && --used->second == 0) in_use_.erase(used);
  freed_.cancel();
  if (!connection || !connection->is_open()) return;
  const auto of_pair =
      std::count_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.key == key; });
  if (static_cast<std::size_t>(of_pair) >= kMostIdleOfPair) return;
  if (idle_.size() >= kMostIdle) idle_.pop_front();
  idle_.push_back(Idle{key, std::move(connection), net::Deadline::clock::now()});
}

void PeerLinks::prune() {
  const auto oldest = net::Deadline::clock::now() - kIdle;
  std::erase_if(idle_, [&](const Idle& idle) { return idle.since < oldest; });
}

}  // namespace noports::atserver
