// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/join_server.hpp"

#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

// Of wrong tokens; no atSign has this number.
constexpr std::int64_t kNobody = 0;

Result<std::string> checked_token(Services& services, const std::string& line) {
  const auto claim = decode_join_line(line);
  if (!claim) return fail(Errc::rejected, "that is no token of a platform");
  Database::Scope scope(services.store->database());
  auto good = check_join_token(*services.store, *claim);
  if (auto read = scope.finish(); !read) return fail(Errc::refused, "the store cannot be read");
  if (!good) return fail(std::move(good).error());
  return claim->id;
}

Result<JoinAnswer> take_in(Services& services, const JoinTerms& terms, const std::string& token,
                           const std::string& line, bool is_near) {
  const auto request = decode_join_request(line);
  if (!request) return fail(request.error());
  Database::Scope scope(services.store->database());
  auto answer = admit(*services.store, terms, token, *request, is_near, wall_clock());
  if (!answer) return answer;
  if (!scope.finish()) return fail(Errc::refused, "the store cannot be written");
  log::debug("directory", "a platform is here",
             {{"host", request->host}, {"refused", answer->refused.size()}});
  return answer;
}

asio::awaitable<void> refuse(std::shared_ptr<Wire> wire, Error error) {
  log::warn("directory", "a platform could not join",
            {{"peer", wire->peer()}, {"why", error.what()}});
  wire->owe();
  wire->pay(encode_join_refusal(error) + "\n");
  static_cast<void>(co_await wire->settled());
}

}  // namespace

asio::awaitable<void> serve_join(Services& services, const JoinTerms* terms,
                                 std::shared_ptr<Wire> wire, Admission::Slot& slot, bool is_near,
                                 std::string line) {
  if (terms == nullptr) {
    Error error(Errc::refused, "this platform has joined another itself");
    co_return co_await refuse(wire, std::move(error).hint("join that one"));
  }
  auto token = checked_token(services, line);
  crypto::wipe(line);
  auto& guesses = services.store->proof_guesses;
  if (!token) {
    const auto wait = guesses.wrong(kNobody, slot.address(), wall_clock());
    if (wait.count() > 0) co_await net::pause(wait);
    co_return co_await refuse(wire, std::move(token).error());
  }
  guesses.right(kNobody, slot.address(), wall_clock());
  slot.leave();
  wire->set_line_limit(kLongestJoin);
  wire->send(join_go_ahead() + "\n");
  auto said = co_await wire->next_line();
  if (!said || services.drain.has_begun()) co_return;
  const Drain::Work work(services.drain);
  const auto answer = take_in(services, *terms, *token, *said, is_near);
  if (!answer) co_return co_await refuse(wire, answer.error());
  const auto lost = encode_join_refusal(Error(Errc::refused, "the store cannot be written"));
  wire->owe();
  services.commits->after(
      [wire, lost, text = encode(*answer)](bool kept) { wire->pay((kept ? text : lost) + "\n"); });
  static_cast<void>(co_await wire->settled());
}

}  // namespace noports::atserver
