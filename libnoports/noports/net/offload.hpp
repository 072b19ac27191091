// SPDX-License-Identifier: BSD-3-Clause
// Long computations (RSA generation, argon2) off the loop, on a small pool of threads.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "noports/base/result.hpp"

namespace noports::net {

namespace detail {
// Runs `work` on the pool and resumes on the caller's loop. Cancelled: the caller's wait ends, the
// work itself goes on to its end with what it owns.
asio::awaitable<void> run_offloaded(std::function<void()> work);
// The same on a thread of its own, for calls that may hang for long (getaddrinfo) and must not keep
// the pool or the end of the process waiting. False, without running it, when too many hang
// already.
asio::awaitable<bool> run_detached(std::function<void()> work);
}  // namespace detail

// auto pair = co_await net::offload<crypto::PrivateKey>(crypto::PrivateKey::generate);
// `work` must own what it uses. An exception of it is rethrown here.
template <class T>
asio::awaitable<Result<T>> offload(std::function<Result<T>()> work) {
  auto out = std::make_shared<std::optional<Result<T>>>();
  std::function<void()> task = [out, work = std::move(work)] { out->emplace(work()); };
  co_await detail::run_offloaded(std::move(task));
  co_return std::move(**out);
}

}  // namespace noports::net
