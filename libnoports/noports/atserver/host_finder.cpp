// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/host_finder.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/atserver/directory.hpp"
#include "noports/base/finally.hpp"

namespace noports::atserver {
namespace {

using namespace std::chrono_literals;

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr auto kFresh = 1min;
constexpr auto kKept = 24h;

asio::awaitable<Result<std::string>> converse(net::Stream& stream, std::string name) {
  auto sent = co_await stream.write_all(name + "\n");
  if (!sent) co_return fail(std::move(sent).error());
  co_return co_await stream.read_line();
}

}  // namespace

asio::awaitable<Result<std::optional<Place>>> HostFinder::ask(at::Atsign atsign,
                                                              net::Deadline deadline) {
  auto stream = co_await net::dial_tls(to_host_, host_.host, host_.port, deadline);
  if (!stream && stream.error().code() == Errc::not_found) {
    // Its name has no address: that says nothing of the atSign.
    co_return fail(Errc::disconnected, stream.error().what());
  }
  if (!stream) co_return fail(std::move(stream).error());
  auto line = co_await net::before(deadline, converse(**stream, std::string(atsign.name())));
  (*stream)->close();
  if (!line) co_return fail(std::move(line).error());
  co_return decode_directory_answer(*line);
}

asio::awaitable<Result<std::optional<Place>>> HostFinder::ask_in_turn(at::Atsign atsign,
                                                                      net::Deadline deadline) {
  while (asking_ >= kAtOnce) {
    asio::steady_timer turn(co_await asio::this_coro::executor, deadline);
    waiting_.push_back(&turn);
    const Finally left([this, &turn] { waiting_.remove(&turn); });
    const auto [called] = co_await turn.async_wait(kTuple);
    if (!called) co_return fail(Errc::timed_out, "too many questions are under way");
    co_await net::checkpoint();
  }
  ++asking_;
  const Finally done([this] {
    --asking_;
    if (waiting_.empty()) return;
    waiting_.front()->cancel();
    waiting_.pop_front();
  });
  co_return co_await ask(std::move(atsign), deadline);
}

asio::awaitable<Result<Place>> HostFinder::find(at::Atsign atsign, net::Deadline deadline) {
  if (const auto known = known_.find(atsign);
      known != known_.end() && Clock::now() < known->second.fresh_until) {
    co_return known->second.place;
  }
  auto answer = co_await ask_in_turn(atsign, deadline);
  if (answer && *answer) {
    remember(atsign, **answer);
    co_return **answer;
  }
  if (answer) {
    known_.erase(atsign);
    co_return fail(Errc::not_found, Hop::directory, "no platform has " + atsign.str());
  }
  const auto known = known_.find(atsign);
  if (known != known_.end() && Clock::now() < known->second.kept_until) {
    co_return known->second.place;
  }
  const auto doing = "asking " + place_text(host_) + " for " + atsign.str();
  co_return fail(std::move(answer).error().during(doing).at(Hop::directory));
}

void HostFinder::remember(const at::Atsign& atsign, const Place& place) {
  const auto now = Clock::now();
  if (known_.size() >= kMostKnown) {
    std::erase_if(known_, [now](const auto& one) { return one.second.fresh_until <= now; });
  }
  if (known_.size() >= kMostKnown) known_.erase(known_.begin());
  known_.insert_or_assign(atsign, Known{place, now + kFresh, now + kKept});
}

void HostFinder::doubt(const at::Atsign& atsign) {
  const auto known = known_.find(atsign);
  if (known != known_.end()) known->second.fresh_until = {};
}

net::TlsContext HostFinder::tls() {
  if (!tls_) tls_ = to_peers_();
  return tls_;
}

}  // namespace noports::atserver
