// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer_connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "noports/base/framer.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kLongestPrompt = 256;  // bytes

Error closed() { return Error(Errc::disconnected, Hop::atserver, "the connection is closed"); }

}  // namespace

asio::awaitable<Result<std::unique_ptr<PeerConnection>>> PeerConnection::open(
    net::TlsContext tls, Place place, net::Deadline deadline) {
  auto stream = co_await net::dial_tls(std::move(tls), place.host, place.port, deadline);
  if (!stream) co_return fail(std::move(stream).error().at(Hop::atserver));
  co_return std::make_unique<PeerConnection>(*std::move(stream));
}

asio::awaitable<Result<PeerLine>> PeerConnection::ask(std::string line, std::size_t longest,
                                                      net::Deadline deadline) {
  // A line that nobody asked for would be taken for the answer to the next question.
  const bool in_step = rest_.size() <= kLongestPrompt && rest_.find('\n') == rest_.npos;
  if (!std::exchange(open_, false) || !in_step) co_return fail(closed());
  auto text = co_await net::before(deadline, exchange(std::move(line) + "\n", longest));
  if (!text) {
    close();
    co_return fail(std::move(text).error().at(Hop::atserver));
  }
  auto answer = decode_peer_line(*text);
  if (!answer) {
    close();
    co_return fail(std::move(answer).error().at(Hop::atserver));
  }
  open_ = true;
  co_return answer;
}

asio::awaitable<Result<std::string>> PeerConnection::exchange(std::string line,
                                                              std::size_t longest) {
  auto sent = co_await stream_->write_all(std::move(line));
  if (!sent) co_return fail(std::move(sent).error());
  Framer framer(longest);
  framer.feed(std::exchange(rest_, {}));
  for (;;) {
    auto next = framer.next();
    if (!next) co_return fail(std::move(next).error());
    if (*next) {
      rest_ = framer.take_pending();
      co_return **std::move(next);
    }
    auto bytes = co_await stream_->read_some();
    if (!bytes) co_return fail(std::move(bytes).error());
    if (bytes->empty()) co_return fail(closed());
    framer.feed(*bytes);
  }
}

asio::awaitable<Result<PolAnswer>> PeerConnection::prove(at::Atsign self, net::Deadline deadline) {
  if (!std::exchange(open_, false)) co_return fail(closed());
  auto answer = co_await net::before(deadline, exchange_pol(std::move(self)));
  if (!answer) {
    close();
    co_return fail(std::move(answer).error().at(Hop::atserver));
  }
  open_ = answer->verdict == PolAnswer::Verdict::accepted;
  if (!open_) close();
  co_return answer;
}

asio::awaitable<Result<PolAnswer>> PeerConnection::exchange_pol(at::Atsign self) {
  rest_.clear();
  auto sent = co_await stream_->write_all("pol\n");
  if (!sent) co_return fail(std::move(sent).error());
  std::string bytes;
  for (;;) {
    auto more = co_await stream_->read_some();
    if (!more) co_return fail(std::move(more).error());
    if (more->empty()) co_return fail(closed());
    bytes += *more;
    auto answer = decode_pol_answer(bytes, self);
    if (answer.verdict != PolAnswer::Verdict::incomplete) co_return answer;
  }
}

bool PeerConnection::is_quiet() noexcept {
  char byte = 0;
  const auto got = ::recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void PeerConnection::close() noexcept {
  open_ = false;
  stream_->close();
}

}  // namespace noports::atserver
