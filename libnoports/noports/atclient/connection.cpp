// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/connection.hpp"

#include <utility>
#include <variant>

#include "noports/net/tcp.hpp"

namespace noports::atclient {

asio::awaitable<Result<std::unique_ptr<Connection>>> Connection::open(Address address,
                                                                      net::TlsContext tls,
                                                                      net::Deadline deadline) {
  auto stream = co_await net::dial_tls(std::move(tls), address.host, address.port, deadline);
  if (!stream) {
    auto error = std::move(stream).error().during("connecting to the atServer").at(Hop::atserver);
    // A host name without address is no missing record (which not_found means on this hop).
    if (error.code() == Errc::not_found)
      error = Error(Errc::disconnected, error.hop(), error.what());
    co_return fail(std::move(error).hint("try again later; the atServer may be restarting"));
  }
  co_return std::make_unique<Connection>(*std::move(stream));
}

asio::awaitable<Result<at::Answer>> Connection::exchange(std::string line) {
  auto sent = co_await stream_->write_all(std::move(line));
  if (!sent) co_return fail(std::move(sent).error());
  for (;;) {
    auto text = co_await stream_->read_line();
    if (!text) co_return fail(std::move(text).error());
    auto answer = at::decode_answer(*text);
    if (std::holds_alternative<at::Push>(answer)) continue;
    const auto* bare = std::get_if<at::Bare>(&answer);
    if (bare && bare->text.find_first_not_of("@ \r") == bare->text.npos) continue;  // prompts only
    if (bare) co_return fail(Errc::bad_syntax, "that is no answer of an atServer");
    co_return answer;
  }
}

asio::awaitable<Result<std::string>> Connection::ask(at::Verb verb, net::Deadline deadline) {
  if (!open_) co_return fail(Errc::disconnected, Hop::atserver, "the connection is closed");
  auto line = at::encode(verb);
  if (line.find('\n') != line.npos) {
    co_return fail(Errc::bad_syntax, "a command cannot hold a line break");
  }
  open_ = false;  // until the answer is here, even when an exception ends this
  auto answer = co_await net::before(deadline, exchange(line + "\n"));
  if (!answer) {
    close();
    co_return fail(std::move(answer).error().during("talking to the atServer").at(Hop::atserver));
  }
  open_ = true;
  if (const auto* refusal = std::get_if<at::Refusal>(&*answer)) {
    co_return fail(at::to_error(*refusal));
  }
  co_return std::get<at::Data>(*std::move(answer)).text;
}

asio::awaitable<Result<void>> Connection::say(at::Verb verb, net::Deadline deadline) {
  if (!open_) co_return fail(Errc::disconnected, Hop::atserver, "the connection is closed");
  auto line = at::encode(verb);
  open_ = false;
  auto sent = co_await net::before(deadline, stream_->write_all(line + "\n"));
  if (!sent) {
    close();
    co_return fail(std::move(sent).error().during("talking to the atServer").at(Hop::atserver));
  }
  open_ = true;
  co_return Result<void>();
}

void Connection::close() noexcept {
  open_ = false;
  stream_->close();
}

}  // namespace noports::atclient
