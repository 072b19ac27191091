// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/door.hpp"

#include <sys/socket.h>

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/base/finally.hpp"
#include "noports/net/race.hpp"

namespace noports::relay {
namespace {

using proto::RelayAuthMode;

// Of one side of one session; the reference keeps as many (noports-newer.md 7.3).
constexpr std::size_t kMostRecords = 4;

// Until something can be read, or until somebody cancels the wait: both are no error.
asio::awaitable<Result<bool>> until_readable(net::Socket& socket) {
  const auto [code] = co_await socket.async_wait(net::Socket::wait_read,
                                                 asio::experimental::as_tuple(asio::use_awaitable));
  if (code == asio::error::operation_aborted) {
    co_await net::checkpoint();
    co_return false;
  }
  if (code) co_return fail(net::to_error(code, "waiting for the first byte"));
  co_return true;
}

// The first byte that has come, left where it is; nothing: none has.
Result<std::optional<char>> peek(net::Socket& socket) {
  char first = 0;
  const auto size = ::recv(socket.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size == 0) return fail(Errc::disconnected, "the peer hung up");
  return size == 1 ? std::optional<char>(first) : std::nullopt;
}

}  // namespace

Door::Door(proto::RelaySide side, SideRules rules, proto::RelayCredentials session,
           std::chrono::milliseconds window)
    : side_(side), rules_(std::move(rules)), session_(std::move(session)), window_(window) {
  if (!rules_.escr_key) rules_.mode = RelayAuthMode::payload;
}

void Door::learn(RelayAuthMode mode) {
  if (rules_.mode) return;
  rules_.mode = mode;
  std::error_code ignored;  // a socket that cannot be woken waits until its time is up
  for (auto* socket : undecided_) socket->cancel(ignored);
}

asio::awaitable<Result<RelayAuthMode>> Door::mode_of(net::Socket& socket) {
  if (rules_.mode) co_return *rules_.mode;
  undecided_.insert(&socket);
  const Finally decided([this, &socket] { undecided_.erase(&socket); });
  auto readable = co_await net::before(net::in(window_), until_readable(socket));
  const bool is_broken = !readable && readable.error().code() != Errc::timed_out;
  if (is_broken) co_return fail(std::move(readable).error());
  // What it has said counts more than what was said about it.
  const auto first = peek(socket);
  if (!first) co_return fail(first.error());
  if (!*first) co_return rules_.mode.value_or(RelayAuthMode::escr);
  if (**first == '{') co_return RelayAuthMode::payload;
  co_return fail(Errc::bad_syntax, "the first byte begins no line of payload mode");
}

asio::awaitable<Result<std::string>> Door::admit(net::Socket& socket) {
  auto mode = co_await mode_of(socket);
  if (!mode) co_return fail(std::move(mode).error());
  const bool is_escr = *mode == RelayAuthMode::escr;
  net::Stream stream(std::move(socket), is_escr ? proto::kEscrLineLimit : proto::kRelayLineLimit);
  Result<void> passed;
  if (is_escr) {
    passed = co_await take_answer(stream);
  } else {
    passed = co_await take_line(stream);
  }
  if (!passed) co_return fail(std::move(passed).error());
  learn(*mode);
  std::string rest = stream.take_pending();
  socket = std::move(stream.socket());
  co_return rest;
}

asio::awaitable<Result<void>> Door::take_line(net::Stream& stream) {
  auto line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  co_return co_await check_line(*std::move(line));
}

// Peers in payload mode hear nothing, whatever comes of it: they would take it for their stream.
asio::awaitable<Result<void>> Door::take_answer(net::Stream& stream) {
  const auto challenge = proto::make_escr_challenge();
  auto said = co_await stream.write_all(challenge + "\n");
  if (!said) co_return said;
  auto line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  co_return co_await judge(stream, read_answer(*line, challenge));
}

asio::awaitable<Result<void>> Door::judge(net::Stream& stream, Result<proto::EscrProof> proof) {
  auto checked = co_await check_proof(std::move(proof));
  std::string verdict(checked ? proto::kEscrAccepted : proto::kEscrRefused);
  auto told = co_await stream.write_all(std::move(verdict));
  if (!checked) co_return checked;
  co_return told;
}

asio::awaitable<Result<void>> Door::check_line(std::string line) {
  if (!rules_.key) {
    auto found = co_await rules_.fetch_key(/*fresh=*/false);
    if (!found) co_return fail(std::move(found).error());
    rules_.key = *std::move(found);
  }
  auto verdict = proto::check_relay_auth_line(line, session_, *rules_.key);
  const bool is_wrong = !verdict && verdict.error().code() == Errc::bad_signature;
  if (!is_wrong || key_refetched_) co_return verdict;
  // The signer may have been activated anew since its key was cached (noports-wire.md, Q-18).
  key_refetched_ = true;
  auto fresh = co_await rules_.fetch_key(/*fresh=*/true);
  if (!fresh) co_return verdict;
  rules_.key = *std::move(fresh);
  co_return proto::check_relay_auth_line(line, session_, *rules_.key);
}

Result<proto::EscrProof> Door::read_answer(std::string_view line,
                                           std::string_view challenge) const {
  if (!rules_.escr_key) return fail(Errc::refused, "this side has payload mode alone");
  auto proof = proto::open_escr_line(line, session_.session, challenge, rules_.escr_key->bytes());
  if (!proof) return proof;
  if (proof->side != side_) {
    return fail(Errc::bad_signature, "the line is of the session's other side");
  }
  // Before anything is looked up: nobody sends us to an atServer that this session does not
  // concern.
  if (proof->record.owner() != *rules_.owner) {
    return fail(Errc::bad_signature, "the line is signed by another atSign");
  }
  return proof;
}

asio::awaitable<Result<void>> Door::check_proof(Result<proto::EscrProof> read) {
  if (!read) co_return fail(std::move(read).error());
  const auto proof = *std::move(read);
  auto keys = co_await keys_of(proof.record, /*fresh=*/false);
  if (!keys) co_return fail(std::move(keys).error());
  auto verdict = proto::check_escr_proof(proof, *rules_.owner, *keys);
  if (verdict || record_refetched_) co_return verdict;
  record_refetched_ = true;  // it may have been written anew since it was looked up
  keys = co_await keys_of(proof.record, /*fresh=*/true);
  if (!keys) co_return verdict;
  co_return proto::check_escr_proof(proof, *rules_.owner, *keys);
}

asio::awaitable<Result<SideRules::SigningKeys>> Door::keys_of(proto::SigningKeyUri record,
                                                              bool fresh) {
  const auto name = record.str();
  const auto found = known_.find(name);
  if (!fresh && found != known_.end()) co_return found->second;
  if (found == known_.end() && known_.size() >= kMostRecords) {
    co_return fail(Errc::refused, "this side has shown as many signing keys as it may");
  }
  auto keys = co_await rules_.signing_keys(std::move(record), fresh);
  if (keys) known_.insert_or_assign(name, *keys);
  co_return keys;
}

}  // namespace noports::relay
