// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/control_channel.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cstring>

#include "noports/bridge/carrier.hpp"

namespace noports::bridge {
namespace {

using namespace std::chrono_literals;

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::size_t kInput = 4096;   // bytes read at once, and the longest record of a codec
constexpr auto kUnendedPause = 100ms;  // noports-wire.md 10.4
constexpr std::string_view kDoing = "control channel through the relay";

Unexpected broken(const std::error_code& code) {
  return fail(net::to_error(code, std::string(kDoing)).at(Hop::relay));
}

Unexpected too_long() {
  return fail(Errc::bad_syntax, Hop::relay, std::string(kDoing) + ": a line without end");
}

}  // namespace

ControlChannel::ControlChannel(net::Socket socket, CodecPair codecs, bool takes_unended)
    : socket_(std::move(socket)),
      codecs_(std::move(codecs)),
      reader_(takes_unended),
      input_(kInput) {}

asio::awaitable<Result<std::unique_ptr<ControlChannel>>> ControlChannel::open(
    const Leg& leg, End end, net::Deadline deadline) {
  auto codecs = make_codecs(leg.protection, end);
  if (!codecs) co_return fail(std::move(codecs).error());
  auto socket = co_await dial_relay(leg, deadline);
  if (!socket) co_return fail(std::move(socket).error());
  const bool takes_unended = leg.protection.kind == Protection::Kind::ctr;
  co_return std::unique_ptr<ControlChannel>(
      new ControlChannel(*std::move(socket), *std::move(codecs), takes_unended));
}

asio::awaitable<Result<void>> ControlChannel::send(crypto::Secret line) {
  const auto* codec = codecs_.seal.get();
  const std::size_t head = codec ? codec->head() : 0;
  crypto::Secret room(head + line.size() + (codec ? codec->tail() : 0));
  std::memcpy(room.writable().data() + head, line.bytes().data(), line.size());
  std::span<std::byte> sealed = room.writable();
  if (codec) {
    const Window window{room.writable(), head, head + line.size()};
    sealed = codecs_.seal->apply(window).produced;
  }
  const auto [code, n] =
      co_await asio::async_write(socket_, asio::buffer(sealed.data(), sealed.size()), kTuple);
  if (code == asio::error::operation_aborted) co_await net::checkpoint();
  if (code) co_return broken(code);
  co_return Result<void>();
}

asio::awaitable<Result<std::optional<ControlMessage>>> ControlChannel::receive() {
  for (;;) {
    if (auto message = reader_.next()) co_return std::move(message);
    if (reader_.may_be_unended() && co_await is_quiet()) co_return reader_.take_unended();
    if (reader_.room() == 0) co_return too_long();
    auto more = co_await read();
    if (!more) co_return fail(std::move(more).error());
    if (!*more) co_return std::optional<ControlMessage>();
    auto opened = open_input();
    if (!opened) co_return fail(std::move(opened).error());
  }
}

asio::awaitable<Result<void>> ControlChannel::until_closed() {
  for (;;) {
    begin_ = end_ = 0;
    auto more = co_await read();
    if (!more) co_return fail(std::move(more).error());
    if (!*more) {
      co_return fail(
          Error(Errc::disconnected, Hop::relay, "the relay or the device ended the session"));
    }
  }
}

namespace {

asio::awaitable<Result<void>> wait_readable(net::Socket& socket) {
  const auto [code] = co_await socket.async_wait(net::Socket::wait_read, kTuple);
  if (code) co_return broken(code);
  co_return Result<void>();
}

}  // namespace

// Whether nothing comes for a while. Only waits: a read that is cancelled could lose bytes.
asio::awaitable<bool> ControlChannel::is_quiet() {
  const auto readable = co_await net::before(net::in(kUnendedPause), wait_readable(socket_));
  co_return !readable && readable.error().code() == Errc::timed_out;
}

asio::awaitable<Result<bool>> ControlChannel::read() {
  const auto room = input_.writable().subspan(end_, std::min(kInput - end_, reader_.room()));
  const auto [code, n] =
      co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), kTuple);
  end_ += n;
  if (code == asio::error::operation_aborted) co_await net::checkpoint();
  if (code == asio::error::eof) co_return false;
  if (code) co_return broken(code);
  co_return true;
}

// Passes what was read to the reader, record by record.
Result<void> ControlChannel::open_input() {
  while (begin_ != end_) {
    const Window window{input_.writable(), begin_, end_};
    const Step step =
        codecs_.open ? codecs_.open->apply(window) : Step{end_ - begin_, window.input()};
    if (step.refused || (step.consumed == 0 && end_ - begin_ == kInput)) {
      return fail(Errc::bad_signature, Hop::relay, std::string(kDoing) + ": not genuine");
    }
    if (step.consumed == 0) break;
    begin_ += step.consumed;
    auto fed = reader_.feed(step.produced);
    crypto::wipe(step.produced);
    if (!fed) return fail(std::move(fed).error().during(kDoing).at(Hop::relay));
  }
  std::memmove(input_.writable().data(), input_.writable().data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return {};
}

}  // namespace noports::bridge
