// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/challenge.hpp"

#include <algorithm>
#include <array>
#include <asio/experimental/as_tuple.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace noports::bridge {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::string_view kAccepted = "ok\n";

Error broken(const std::error_code& code) {
  return net::to_error(code, "answering the relay's challenge").at(Hop::relay);
}

Unexpected no_challenge(const char* why) {
  return fail(Errc::bad_syntax, Hop::relay, std::string("the relay's challenge ") + why);
}

asio::awaitable<Result<std::string>> hear_challenge(net::Socket& socket) {
  std::string heard;
  std::array<char, 1024> chunk;
  for (;;) {
    const auto [code, size] = co_await socket.async_read_some(asio::buffer(chunk), kTuple);
    if (code == asio::error::operation_aborted) co_await net::checkpoint();
    if (code) co_return fail(broken(code));
    heard.append(chunk.data(), size);
    auto challenge = challenge_in(heard);
    if (!challenge) co_return fail(std::move(challenge).error());
    if (*challenge) co_return **std::move(challenge);
  }
}

asio::awaitable<Result<void>> say(net::Socket& socket, std::string line) {
  const auto [code, size] = co_await asio::async_write(socket, asio::buffer(line), kTuple);
  if (code == asio::error::operation_aborted) co_await net::checkpoint();
  if (code) co_return fail(broken(code));
  co_return Result<void>();
}

asio::awaitable<Result<void>> hear_verdict(net::Socket& socket) {
  std::string verdict(kAccepted.size(), '\0');
  const auto [code, size] = co_await asio::async_read(socket, asio::buffer(verdict), kTuple);
  if (code == asio::error::operation_aborted) co_await net::checkpoint();
  if (code) co_return fail(broken(code));
  if (verdict == kAccepted) co_return Result<void>();
  co_return fail(Error(Errc::rejected, Hop::relay, "the relay does not believe our answer")
                     .hint("try again with --relay-auth-mode payload"));
}

asio::awaitable<Result<bool>> converse(net::Socket& socket, std::shared_ptr<const Answer> answer) {
  auto challenge = co_await hear_challenge(socket);
  if (!challenge) co_return fail(std::move(challenge).error());
  auto line = co_await (*answer)(*std::move(challenge));
  if (!line) co_return fail(std::move(line).error());
  auto said = co_await say(socket, *std::move(line));
  if (!said) co_return fail(std::move(said).error());
  auto passed = co_await hear_verdict(socket);
  if (!passed) co_return fail(std::move(passed).error());
  co_return true;
}

asio::awaitable<Result<void>> pass(net::Socket& socket, net::Deadline deadline,
                                   std::shared_ptr<const Answer> answer) {
  auto passed = co_await net::before(deadline, converse(socket, std::move(answer)));
  if (!passed) co_return fail(std::move(passed).error().at(Hop::relay));
  co_return Result<void>();
}

}  // namespace

Result<std::optional<std::string>> challenge_in(std::string_view heard) {
  const auto end = heard.find('\n');
  if (std::min(end, heard.size()) >= kLongestChallenge) return no_challenge("is too long");
  if (end == heard.npos) return std::optional<std::string>();
  // Whoever says more before it has our answer is no relay.
  if (end + 1 != heard.size()) return no_challenge("has a tail");
  auto line = heard.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::optional<std::string>(line);
}

RelayAuth answer_challenge(Answer answer) {
  auto shared = std::make_shared<const Answer>(std::move(answer));
  return [shared](net::Socket& socket, net::Deadline deadline) {
    return pass(socket, deadline, shared);
  };
}

}  // namespace noports::bridge
