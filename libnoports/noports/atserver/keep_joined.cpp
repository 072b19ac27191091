// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/keep_joined.hpp"

#include <algorithm>
#include <set>

#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;  // for one exchange
constexpr std::chrono::milliseconds kFirstPause{1'000};
constexpr std::chrono::milliseconds kLookEvery{500};  // whether there is something new to tell

// What was said of the membership, so that it is said once.
class Word {
 public:
  explicit Word(std::string host) : host_(std::move(host)) {}

  void joined(const Membership::Joined& now, std::size_t atsigns) {
    if (!is_in_) {
      log::info("atserver", "joined", {{"host", host_}, {"atsigns", atsigns}});
    }
    is_in_ = true;
    why_not_.clear();
    std::set<std::string> refused;
    for (const auto& one : now.refused) {
      refused.insert(one.atsign.str());
      if (refused_.contains(one.atsign.str())) continue;
      log::error("atserver", "an atSign of ours cannot be found through the host's directory",
                 {{"atsign", one.atsign.str()}, {"why", one.why}});
    }
    refused_ = std::move(refused);
  }

  void failed(const Error& error) {
    is_in_ = false;
    if (error.what() == why_not_) return;
    why_not_ = error.what();
    log::warn("atserver", "not joined; it is tried again, and what is here is served",
              {{"why", why_not_}, {"hint", error.hint()}});
  }

 private:
  std::string host_;
  bool is_in_ = false;
  std::string why_not_;
  std::set<std::string> refused_;
};

asio::awaitable<void> wait_for_change(Hosts& hosts, std::uint64_t told,
                                      std::chrono::milliseconds most) {
  const auto until = net::in(most);
  while (hosts.changes() == told && net::Deadline::clock::now() < until) {
    co_await net::pause(std::min(most, kLookEvery));
  }
}

}  // namespace

asio::awaitable<void> keep_joined(Hosts& hosts, Membership& membership,
                                  std::chrono::milliseconds every,
                                  std::function<void()> certified) {
  Word word(place_text(membership.host()));
  auto pause = std::min(every, kFirstPause);
  for (;;) {
    const auto told = hosts.changes();
    const auto atsigns = hosts.listed();
    auto joined =
        co_await membership.join(atsigns, std::chrono::system_clock::now(), net::in(kPatience));
    if (!joined) {
      word.failed(joined.error());
      co_await net::pause(pause);
      pause = std::min(every, pause * 2);
      continue;
    }
    pause = std::min(every, kFirstPause);
    word.joined(*joined, atsigns.size());
    if (joined->new_certificate) certified();
    co_await wait_for_change(hosts, told, every);
  }
}

}  // namespace noports::atserver
