// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/offload.hpp"

#include <openssl/crypto.h>

#include <asio/any_io_executor.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace noports::net::detail {
namespace {

// RSA pairs and argon2 use a whole core each; more threads would only take cores from the loops.
constexpr std::size_t kPoolThreads = 2;
// Look-ups that hang at the same time; a resolver gives up after half a minute at the latest.
constexpr int kMostDetached = 32;

// What the worker and the waiting coroutine share. The waiter may leave first, and its loop may die
// then: the worker touches `executor` only under the lock and only while somebody waits.
struct Job {
  std::function<void()> work;
  std::exception_ptr escaped;
  std::mutex mutex;
  std::optional<asio::any_io_executor> executor;  // of the waiter; empty when it has left
  asio::steady_timer* wake = nullptr;             // the waiter's, for the loop's thread only
  bool ended = false;                             // for the loop's thread only
};

// On the loop's thread. After the waiter has left, `wake` is null.
void wake_waiter(Job& job) {
  job.ended = true;
  if (job.wake) job.wake->cancel();
}

// On the worker's thread.
void perform(const std::shared_ptr<Job>& job) {
  try {
    job->work();
  } catch (...) {
    job->escaped = std::current_exception();
  }
  job->work = nullptr;  // what it owned goes before the waiter is told
  const std::scoped_lock lock(job->mutex);
  if (job->executor) asio::post(*job->executor, [job] { wake_waiter(*job); });
}

// The waiter's half: takes leave of the job when the coroutine ends, however that happens.
class Waiter {
 public:
  Waiter(std::shared_ptr<Job> job, const asio::any_io_executor& executor)
      : job_(std::move(job)), timer_(executor, asio::steady_timer::time_point::max()) {
    job_->executor = executor;
    job_->wake = &timer_;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    const std::scoped_lock lock(job_->mutex);
    job_->executor.reset();
    job_->wake = nullptr;
  }

  asio::awaitable<void> wait() {
    while (!job_->ended) {
      co_await timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    if (job_->escaped) std::rethrow_exception(job_->escaped);
  }

 private:
  std::shared_ptr<Job> job_;
  asio::steady_timer timer_;
};

std::shared_ptr<Job> make_job(std::function<void()> work) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  return job;
}

// False when the system gives no more threads.
bool start_thread(const std::shared_ptr<Job>& job, std::atomic<int>& running) {
  try {
    std::thread([job, &running] {
      perform(job);
      --running;
    }).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

asio::awaitable<void> run_offloaded(std::function<void()> work) {
  // OpenSSL first: what is made last goes first, and the pool's threads must have ended before
  // OpenSSL tidies up at the end of the process.
  static const int ready = OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
  static asio::thread_pool pool(ready == 1 ? kPoolThreads : 1);  // joined when the process ends
  const auto job = make_job(std::move(work));
  Waiter waiter(job, co_await asio::this_coro::executor);
  asio::post(pool, [job] { perform(job); });
  co_await waiter.wait();
}

asio::awaitable<bool> run_detached(std::function<void()> work) {
  static std::atomic<int> running{0};
  const auto job = make_job(std::move(work));
  Waiter waiter(job, co_await asio::this_coro::executor);
  if (++running > kMostDetached || !start_thread(job, running)) {
    --running;
    co_return false;
  }
  co_await waiter.wait();
  co_return true;
}

}  // namespace noports::net::detail
