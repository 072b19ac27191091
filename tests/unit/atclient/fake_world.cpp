// SPDX-License-Identifier: BSD-3-Clause
#include "fake_world.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "noports/at/notification.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/net/tls.hpp"

namespace noports::test {

using namespace std::chrono_literals;

struct FakeWorld::Peer {
  Peer(std::unique_ptr<net::Stream> stream_, const asio::any_io_executor& executor)
      : stream(std::move(stream_)), bell(executor) {}
  std::unique_ptr<net::Stream> stream;
  atclient::Bell bell;
  std::string challenge;
  std::string prompt = "@";
  bool is_monitor = false;
  bool is_over = false;
  std::string outbox;
  std::optional<std::size_t> budget;
};

FakeWorld::FakeWorld(asio::io_context& loop)
    : loop_(loop),
      context_(authority_.server_context()),
      directory_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
      server_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
      tasks_(loop.get_executor(), nullptr),
      clock_(std::chrono::duration_cast<std::chrono::milliseconds>(
                 std::chrono::system_clock::now().time_since_epoch())
                 .count()) {
  hosts["alice"] = "localhost:" + std::to_string(server_.local_endpoint().port());
  tasks_.spawn(accept_directory());
  tasks_.spawn(accept_server());
}

FakeWorld::~FakeWorld() {
  tasks_.cancel();
  test::run(loop_, tasks_.join());
}

atclient::Directory FakeWorld::directory() const {
  return {"localhost", directory_.local_endpoint().port()};
}

asio::awaitable<void> FakeWorld::accept_directory() {
  for (;;) {
    auto socket = co_await net::accept(directory_);
    if (!socket) co_return;
    if (deaf_to > 0) {
      --deaf_to;
      continue;
    }
    tasks_.spawn(answer_directory(*std::move(socket)));
  }
}

asio::awaitable<void> FakeWorld::answer_directory(net::Socket socket) {
  auto stream = co_await net::accept_tls(context_, std::move(socket), net::in(10s));
  if (!stream) co_return;
  auto sent = co_await (*stream)->write_all("@");
  if (!sent) co_return;
  auto line = co_await (*stream)->read_line();
  if (!line) co_return;
  ++questions;
  const auto found = hosts.find(*line);
  const auto text = found == hosts.end() ? std::string("null") : found->second;
  sent = co_await (*stream)->write_all(text + "\r\n@");
  if (!sent) co_return;
  std::ignore = co_await (*stream)->read_line();  // until the other side is done
}

asio::awaitable<void> FakeWorld::accept_server() {
  for (;;) {
    auto socket = co_await net::accept(server_);
    if (!socket) co_return;
    if (!is_refusing) tasks_.spawn(serve(*std::move(socket)));
  }
}

asio::awaitable<void> FakeWorld::serve(net::Socket socket) {
  auto stream = co_await net::accept_tls(context_, std::move(socket), net::in(10s));
  if (!stream) co_return;
  const auto peer = std::make_shared<Peer>(*std::move(stream), loop_.get_executor());
  struct Open {
    std::vector<PeerPtr>& all;
    PeerPtr peer;
    ~Open() { std::erase(all, peer); }
  } open{open_, peer};
  open_.push_back(peer);
  auto prompt = co_await peer->stream->write_all("@");
  if (!prompt) co_return;
  for (;;) {
    auto line = co_await peer->stream->read_line();
    if (!line) break;
    is_pipelined = is_pipelined || !peer->stream->pending().empty();
    commands.push_back(*line);
    if (is_silent) continue;
    if (line->starts_with("monitor")) {
      start_monitor(peer, *line);
      continue;
    }
    auto text = answer(*peer, *line);
    if (text.empty()) break;
    auto sent = co_await peer->stream->write_all(std::move(text));
    if (!sent) break;
  }
  peer->is_over = true;
  peer->bell.ring();
  peer->stream->close();
}

std::string FakeWorld::answer(Peer& peer, const std::string& line) {
  if (script) {
    if (auto scripted = script(line)) return *scripted;
  }
  std::string_view rest = line;
  if (take(rest, "from:")) {
    peer.challenge = "_" + crypto::random_uuid() + "@alice:" + crypto::random_uuid();
    return "data:" + peer.challenge + "\n" + peer.prompt;
  }
  if (take(rest, "pkam:")) {
    const auto signature = crypto::base64_decode(rest.substr(rest.rfind(':') + 1));
    if (!signature || !alice_keys()->pkam.public_key().verify(peer.challenge, *signature)) {
      return "error:AT0401-Exception: pkam authentication failed\n@";
    }
    ++logins;
    peer.prompt = "@alice@";
    return "data:success\n@alice@";
  }
  if (rest == "noop:0") return "data:ok\n" + (peer.is_monitor ? "" : peer.prompt);
  if (take(rest, "notify:id:")) {
    return "data:" + std::string(rest.substr(0, rest.find(':'))) + "\n" + peer.prompt;
  }
  return "error:AT0015-key not found : " + line + " does not exist in keystore\n" + peer.prompt;
}

void FakeWorld::start_monitor(PeerPtr peer, const std::string& line) {
  peer->is_monitor = true;
  if (!budgets.empty()) {
    peer->budget = budgets.front();
    budgets.erase(budgets.begin());
  }
  const auto since = parse_signed(std::string_view(line).substr(line.rfind(':') + 1)).value_or(0);
  for (const auto& [time, text] : stored_) {
    if (time > since) peer->outbox += text;
  }
  tasks_.spawn(send_pushes(peer));
}

asio::awaitable<void> FakeWorld::send_pushes(PeerPtr peer) {
  while (!peer->is_over) {
    if (peer->outbox.empty()) {
      co_await peer->bell.wait();
      continue;
    }
    auto text = std::exchange(peer->outbox, {});
    const bool is_last = peer->budget && *peer->budget < text.size();
    if (is_last) text.resize(*peer->budget);
    if (peer->budget) *peer->budget -= text.size();
    auto sent = co_await peer->stream->write_all(std::move(text));
    if (!sent || is_last) peer->stream->close();
    if (is_last) co_return;
  }
}

void FakeWorld::push(std::string id) {
  at::Notification note;
  note.id = std::move(id);
  note.from = "@bob";
  note.to = "@alice";
  note.key = "@alice:ping.lab.sshnp@bob";
  note.value = "text";
  ++clock_;
  note.epoch_millis = clock_ - clock_ % 2;  // two of them have the same time
  const auto line = "notification: " + at::encode(note) + "\n";
  stored_.emplace_back(note.epoch_millis, line);
  push_line(line);
}

void FakeWorld::push_line(std::string line) {
  for (const auto& peer : open_) {
    if (!peer->is_monitor) continue;
    peer->outbox += line;
    peer->bell.ring();
  }
}

std::size_t FakeWorld::monitors() const {
  return static_cast<std::size_t>(
      std::count_if(open_.begin(), open_.end(), [](const auto& peer) { return peer->is_monitor; }));
}

void FakeWorld::cut() {
  for (const auto& peer : open_) peer->stream->close();
}

std::size_t FakeWorld::count(std::string_view beginning) const {
  return static_cast<std::size_t>(
      std::count_if(commands.begin(), commands.end(),
                    [&](const auto& line) { return line.starts_with(beginning); }));
}

}  // namespace noports::test
