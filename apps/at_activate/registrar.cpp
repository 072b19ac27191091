// SPDX-License-Identifier: BSD-3-Clause
// The activation secret from the registrar, for the code that it sends to the owner
// (keys-and-enrollment.md 3.1).
#include <memory>
#include <utility>

#include "at_activate/commands.hpp"
#include "common/terminal.hpp"
#include "noports/keys/registrar_calls.hpp"
#include "noports/net/offload.hpp"

namespace noports::apps::at_activate {
namespace {

using namespace std::chrono_literals;

constexpr auto kCall = 60s;         // one call, the connection included
constexpr int kMostWrong = 3;       // codes that the registrar refuses
constexpr int kMostMalformed = 10;  // that it is not even asked about
constexpr const char* kQuestion =
    "[Action Required] Enter your verification code: (verification code is not case-sensitive)\n";

// Away from the loop, which goes on to hear SIGINT: nothing else interrupts a read.
asio::awaitable<Result<crypto::Secret>> ask_once() {
  const auto typed = std::make_shared<Result<crypto::Secret>>(fail(Errc::io, "no thread"));
  std::function<void()> work = [typed] { *typed = ask_line(kQuestion); };
  const bool ran = co_await net::detail::run_detached(std::move(work));
  if (!ran) co_return fail(Errc::io, "no thread to read the code");
  if (!*typed) {
    co_return fail(std::move(*typed)
                       .error()
                       .during("asking for the verification code")
                       .hint("run it in a terminal, or write the code to its standard input"));
  }
  co_return std::move(*typed);
}

asio::awaitable<Result<crypto::Secret>> ask_code() {
  for (int attempt = 1;; ++attempt) {
    auto typed = co_await ask_once();
    if (!typed) co_return typed;
    auto code = keys::parse_registrar_code(typed->text());
    if (code || attempt == kMostMalformed) co_return code;
    say("[Unable to proceed] The verification code you entered is invalid. It has four letters and "
        "digits.");
  }
}

asio::awaitable<Result<void>> have_code_sent(activate::Registrar registrar, at::Atsign self) {
  auto sent = co_await activate::send_code(std::move(registrar), std::move(self), net::in(kCall));
  if (!sent && sent.error().code() == Errc::busy) {
    // Of late it has sent some, to an earlier call that was interrupted perhaps.
    say("[Information] " + sent.error().what() + ". A code that you have got already may be good.");
    co_return Result<void>();
  }
  if (sent) say("[Information] Successfully sent verification code to your registered e-mail");
  co_return sent;
}

}  // namespace

asio::awaitable<Result<crypto::Secret>> ask_registrar(activate::Registrar registrar,
                                                      at::Atsign self) {
  auto sent = co_await have_code_sent(registrar, self);
  if (!sent) co_return fail(std::move(sent).error());
  for (int attempt = 1;; ++attempt) {
    auto code = co_await ask_code();
    if (!code) co_return code;
    auto secret = co_await activate::redeem_code(registrar, self, *std::move(code), net::in(kCall));
    if (secret) {
      say("[Information] CRAM Key fetched successfully");
      co_return secret;
    }
    if (secret.error().code() != Errc::rejected || secret.error().hop() != Hop::local) {
      co_return secret;
    }
    if (attempt == kMostWrong) {
      co_return fail(std::move(secret).error().hint("run it again, for a new code"));
    }
    say("[Unable to proceed] Invalid verification code. Please enter a valid verification code (" +
        secret.error().what() + ")");
  }
}

}  // namespace noports::apps::at_activate
