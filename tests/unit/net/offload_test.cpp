// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/offload.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "noports/net/task_group.hpp"
#include "support/loop.hpp"

using namespace noports;

namespace {

using Work = std::function<Result<int>()>;

asio::awaitable<void> wait_for(Work work, bool& ended) {
  (void)co_await net::offload<int>(std::move(work));
  ended = true;
}

}  // namespace

TEST_CASE("work is done on another thread and its result comes back to the loop",
          "[net][offload]") {
  asio::io_context loop;
  std::thread::id worker;
  const Work work = [&]() -> Result<int> {
    worker = std::this_thread::get_id();
    return 42;
  };
  CHECK(*test::run(loop, net::offload<int>(work)) == 42);
  CHECK(worker != std::this_thread::get_id());
}

TEST_CASE("an error of the work is its result, an exception is rethrown", "[net][offload]") {
  asio::io_context loop;
  const Work fails = []() -> Result<int> { return fail(Errc::config, "too weak"); };
  CHECK(test::run(loop, net::offload<int>(fails)).error().what() == "too weak");
  const Work throws = []() -> Result<int> { throw std::runtime_error("bug"); };
  CHECK_THROWS_AS(test::run(loop, net::offload<int>(throws)), std::runtime_error);
}

TEST_CASE("much work at once is done to the last piece", "[net][offload]") {
  asio::io_context loop;
  net::TaskGroup group(loop.get_executor(), nullptr);
  std::atomic<int> done = 0;
  bool ended = false;
  for (int i = 0; i < 200; ++i)
    group.spawn(wait_for([&]() -> Result<int> { return ++done; }, ended));
  test::run(loop, group.join());
  CHECK(done == 200);
}

TEST_CASE("a wait that is cancelled leaves the work alone, and the loop may die first",
          "[net][offload]") {
  auto loop = std::make_unique<asio::io_context>();
  auto gate = std::make_shared<std::promise<void>>();
  auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  bool ended = false;
  {
    net::TaskGroup group(loop->get_executor(), nullptr);
    const Work work = [opened = gate->get_future().share(), done]() -> Result<int> {
      opened.wait();
      done->set_value();
      return 1;
    };
    group.spawn(wait_for(work, ended));
    loop->poll();
    group.cancel();
    test::run(*loop, group.join());
  }
  loop.reset();
  gate->set_value();
  finished.get();
  CHECK_FALSE(ended);
}

TEST_CASE("a detached call gives its result too", "[net][offload]") {
  asio::io_context loop;
  auto seen = std::make_shared<int>(0);
  const bool ran = test::run(loop, net::detail::run_detached([seen] { *seen = 5; }));
  CHECK(ran);
  CHECK(*seen == 5);
}
