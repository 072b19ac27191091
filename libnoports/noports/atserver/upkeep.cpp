// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/upkeep.hpp"

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/atserver/certificates.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kSlice = 500;  // rows of each kind; some milliseconds of the loop

// Whether there may be more.
bool sweep_slice(Services& services, std::int64_t now) {
  Database::Scope scope(services.store->database());
  const auto records = services.store->records.sweep(now, kSlice);
  const auto notifications = services.store->notifications.sweep(now, kSlice);
  const auto swept = scope.finish();
  if (!swept) log::error("atserver", "what has expired stays", {{"why", swept.error().what()}});
  services.commits->after([](bool) {});
  return swept && (records == kSlice || notifications == kSlice);
}

}  // namespace

asio::awaitable<void> sweep(Services& services, std::int64_t now) {
  while (sweep_slice(services, now)) {
    co_await asio::post(services.tasks.executor(), asio::use_awaitable);
  }
}

Result<net::TlsContext> certified(const std::filesystem::path& folder,
                                  const std::vector<std::string>& names,
                                  std::chrono::system_clock::time_point now) {
  const auto files = ensure_certificates(folder, names, now);
  if (!files) return fail(files.error());
  return net::server_context(files->chain, files->key);
}

}  // namespace noports::atserver
