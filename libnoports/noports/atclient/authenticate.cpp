// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/authenticate.hpp"

#include <algorithm>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"

namespace noports::atclient {

namespace {

// Any version above 3.0.37 asks for refusals in JSON (atprotocol-wire.md 7.1).
constexpr std::string_view kClientConfig = R"({"version":"3.3.0"})";
constexpr std::size_t kMostChallenge = 255;  // bytes; real ones have 75 and the atSign

Error closed_at_login(Error error, const at::Atsign& self) {
  return std::move(error).during("logging in as " + self.str()).at(Hop::atserver);
}

asio::awaitable<Result<std::string>> challenge(Connection& connection, at::Atsign self,
                                               Refusals refusals, net::Deadline deadline) {
  at::From from{self, std::nullopt};
  if (refusals == Refusals::json) from.client_config = std::string(kClientConfig);
  auto answer = co_await connection.ask(std::move(from), deadline);
  if (!answer) co_return fail(closed_at_login(std::move(answer).error(), self));
  std::string text(trim(*answer));
  if (!is_challenge(text)) {
    co_return fail(Errc::bad_syntax, Hop::atserver,
                   "logging in as " + self.str() + ": the atServer sent no challenge");
  }
  co_return text;
}

Error explain(Error error, const at::Atsign& self, const char* hint) {
  const bool has_no_key = error.code() == Errc::not_found;
  if (has_no_key) {
    auto told = Error(Errc::not_set_up, Hop::atserver, error.what());
    return closed_at_login(std::move(told), self)
        .hint("activate it first: at_activate onboard -a " + self.str());
  }
  return closed_at_login(std::move(error), self).hint(hint);
}

}  // namespace

bool is_challenge(std::string_view text) noexcept {
  return text.size() >= 8 && text.size() <= kMostChallenge && text.front() == '_' &&
         text.find('@') != text.npos && text.find(':') != text.npos &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f || c == '{' || c == '}' || c == '"' || c == ',';
         });
}

asio::awaitable<Result<void>> authenticate(Connection& connection, at::Atsign self,
                                           std::shared_ptr<const keys::Keys> keys,
                                           Refusals refusals, net::Deadline deadline) {
  auto text = co_await challenge(connection, self, refusals, deadline);
  if (!text) co_return fail(std::move(text).error());
  auto signature = keys->pkam.sign(*text);
  if (!signature) co_return fail(closed_at_login(std::move(signature).error(), self));
  at::Pkam pkam;
  pkam.enrollment_id = keys->enrollment_id;
  pkam.signature = crypto::base64(*signature);
  auto answer = co_await connection.ask(std::move(pkam), deadline);
  if (!answer && !connection.is_open()) {
    co_return fail(closed_at_login(std::move(answer).error(), self));
  }
  if (!answer) {
    co_return fail(explain(std::move(answer).error(), self,
                           "check that the key file belongs to this atSign and that its enrolment "
                           "has not been revoked"));
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> authenticate(Connection& connection, at::Atsign self,
                                           const crypto::Secret& secret, net::Deadline deadline) {
  auto text = co_await challenge(connection, self, Refusals::json, deadline);
  if (!text) co_return fail(std::move(text).error());
  at::Cram cram;
  cram.digest = crypto::cram_digest(secret.text(), *text);
  auto answer = co_await connection.ask(std::move(cram), deadline);
  if (!answer && !connection.is_open()) {
    co_return fail(closed_at_login(std::move(answer).error(), self));
  }
  if (!answer && answer.error().code() == Errc::not_found) {
    auto error =
        Error(Errc::not_set_up, Hop::atserver, "the activation secret has been used up already");
    co_return fail(closed_at_login(std::move(error), self)
                       .hint("use the key file that was made then, or enroll this machine"));
  }
  if (!answer) {
    co_return fail(explain(std::move(answer).error(), self, "check the activation secret"));
  }
  co_return Result<void>();
}

}  // namespace noports::atclient
