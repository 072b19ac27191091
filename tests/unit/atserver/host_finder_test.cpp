// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/host_finder.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <tuple>

#include "noports/net/task_group.hpp"
#include "noports/net/tcp.hpp"
#include "support/certificates.hpp"
#include "support/loop.hpp"
#include "world.hpp"

using namespace noports;
using namespace noports::atserver;
using namespace std::chrono_literals;
using test::atsign;

namespace {

// The directory of a platform that was joined: what it says is what `answers` holds, "null" else.
// While it `hesitates` it reads questions and does not answer.
struct Host {
  asio::io_context loop;
  test::Authority authority;
  net::TlsContext tls = authority.server_context();
  net::Acceptor acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
  asio::steady_timer answers_now{loop, asio::steady_timer::time_point::max()};
  net::TaskGroup tasks{loop.get_executor(), nullptr};
  std::map<std::string, std::string> answers{{"bob", "b.example.net:10301"}};
  bool hesitates = false;
  std::size_t questions = 0, open = 0, most_open = 0;
  HostFinder finder{Place{"localhost", acceptor.local_endpoint().port()},
                    authority.client_context(), [this] { return authority.client_context(); }};

  Host() { tasks.spawn(serve()); }
  ~Host() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }

  asio::awaitable<void> serve() {
    for (;;) {
      auto socket = co_await net::accept(acceptor);
      if (!socket) co_return;
      tasks.spawn(answer(*std::move(socket)));
    }
  }

  asio::awaitable<void> answer(net::Socket socket) {
    auto stream = co_await net::accept_tls(tls, std::move(socket), net::in(test::kPatience));
    if (!stream) co_return;
    auto line = co_await (*stream)->read_line();
    if (!line) co_return;
    ++questions;
    most_open = std::max(most_open, ++open);
    while (hesitates) {
      asio::error_code woken;
      co_await answers_now.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      co_await net::checkpoint();
    }
    const auto found = answers.find(*line);
    std::string text = "null";
    if (found != answers.end()) text = found->second;
    --open;
    std::ignore = co_await (*stream)->write_all(text + "\r\n@");
    std::ignore = co_await (*stream)->read_line();  // until the other side is done
  }

  void go_away() { acceptor.close(); }
  void go_on() {
    hesitates = false;
    answers_now.cancel();
  }
  Result<Place> find(const char* name) {
    return test::run(loop, finder.find(atsign(name), net::in(test::kPatience)));
  }
};

asio::awaitable<void> find_into(Host& host, at::Atsign whom, net::Deadline deadline,
                                std::vector<Result<Place>>& into) {
  auto found = co_await host.finder.find(std::move(whom), deadline);
  into.push_back(std::move(found));
}

}  // namespace

TEST_CASE("a host is asked for an atSign once, until the place is doubted",
          "[atserver][join][host-finder]") {
  Host host;
  CHECK(host.find("@bob").value() == Place{"b.example.net", 10301});
  CHECK(host.find("@bob").value() == Place{"b.example.net", 10301});
  CHECK(host.questions == 1);
  host.answers["bob"] = "c.example.net:10302";
  host.finder.doubt(atsign("@bob"));
  CHECK(host.find("@bob").value() == Place{"c.example.net", 10302});
  CHECK(host.questions == 2);
}

TEST_CASE("what a host does not know is not found and not remembered",
          "[atserver][join][host-finder]") {
  Host host;
  REQUIRE(host.find("@bob"));
  host.answers.clear();
  host.finder.doubt(atsign("@bob"));
  for (int i = 0; i < 2; ++i) {
    const auto found = host.find("@bob");
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == Errc::not_found);
    CHECK(found.error().hop() == Hop::directory);
  }
  CHECK(host.questions == 3);
  host.answers["bob"] = "b.example.net:10301";
  CHECK(host.find("@bob"));
}

TEST_CASE("a place is the last resort while the host is away", "[atserver][join][host-finder]") {
  Host host;
  REQUIRE(host.find("@bob"));
  host.go_away();
  host.finder.doubt(atsign("@bob"));
  CHECK(host.find("@bob").value() == Place{"b.example.net", 10301});
  const auto other = host.find("@carol");
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == Errc::disconnected);
  CHECK(other.error().hop() == Hop::directory);
  CHECK(other.error().what().find("for @carol") != std::string::npos);
}

TEST_CASE("no more than 16 questions to a host are under way, and the others have their turn",
          "[atserver][join][host-finder][hostile]") {
  Host host;
  host.hesitates = true;
  constexpr std::size_t kAll = HostFinder::kAtOnce + 24;
  std::vector<Result<Place>> found;
  for (std::size_t i = 0; i < kAll; ++i) {
    const auto name = "a" + std::to_string(i);
    host.answers[name] = "b.example.net:" + std::to_string(10000 + i);
    host.tasks.spawn(find_into(host, atsign("@" + name), net::in(test::kPatience), found));
  }
  REQUIRE(test::eventually(host.loop, [&] { return host.open == HostFinder::kAtOnce; }));
  // One that has no time to wait for its turn is told so.
  std::vector<Result<Place>> hasty;
  host.tasks.spawn(find_into(host, atsign("@bob"), net::in(50ms), hasty));
  REQUIRE(test::eventually(host.loop, [&] { return !hasty.empty(); }));
  REQUIRE_FALSE(hasty.front());
  CHECK(hasty.front().error().code() == Errc::timed_out);
  host.go_on();
  REQUIRE(test::eventually(host.loop, [&] { return found.size() == kAll; }));
  CHECK(std::all_of(found.begin(), found.end(), [](const auto& one) { return one.has_value(); }));
  CHECK(host.most_open == HostFinder::kAtOnce);
  CHECK(host.questions == kAll);
}
