// SPDX-License-Identifier: BSD-3-Clause
// auto: waits for requests, and approves those that match.
#include <iostream>
#include <set>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/output.hpp"
#include "noports/activate/manage.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::apps::at_activate {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 3s;  // before a lost monitor is opened again

struct Watch {
  Session& session;
  const Options& options;
  activate::Selector which;
  std::set<std::string> seen{};  // ids, approved or not
  std::size_t approved = 0;
  bool is_first = true;  // of the lists

  bool is_done() const { return approved >= options.limit; }
  std::string filters() const {
    return "regex filters (app: \"" + printable(*options.app_selector) + "\" and device: \"" +
           printable(*options.device_selector) + "\" respectively)";
  }
  void print(const std::string& text) const {
    if (!options.json) std::cout << text << "\n" << std::flush;
  }
};

// Of the network: the list is looked at again on a new connection.
bool may_pass(const Error& error) {
  return error.code() == Errc::timed_out || error.code() == Errc::disconnected;
}

asio::awaitable<Result<void>> consider(Watch& watch, activate::Enrolment one) {
  if (watch.is_done() || !watch.seen.insert(one.id).second) co_return Result<void>();
  watch.print("Got enrollment request ID " + one.id + " with appName \"" + printable(one.app_name) +
              "\" and deviceName \"" + printable(one.device_name) + "\"");
  if (!watch.which.matches(one)) {
    watch.print("Ignoring enrollment request which does not match the " + watch.filters() + "\n");
    co_return Result<void>();
  }
  watch.print("Approving enrollment request which matched the " + watch.filters());
  auto connection = co_await watch.session.connection();
  if (!connection) co_return fail(std::move(connection).error());
  auto approved =
      co_await activate::approve(**connection, one, watch.session.keys(), watch.options.zero_iv);
  if (!approved && may_pass(approved.error())) {
    watch.seen.erase(one.id);
    co_return fail(std::move(approved).error());
  }
  if (!approved) {
    // One bad request must not keep those after it from being served.
    say("Not approved: " + approved.error().what());
    co_return Result<void>();
  }
  ++watch.approved;
  say("Check code: " + approved->check_code + ", the same that the new device shows");
  if (watch.options.json) {
    std::cout << members_as_json({{"enrollmentId", one.id},
                                  {"status", approved->outcome.status},
                                  {"appName", one.app_name},
                                  {"deviceName", one.device_name},
                                  {"checkCode", approved->check_code}})
              << std::flush;
  }
  watch.print("Approval successful.\n\tResponse: " + printable(approved->outcome.status) + "\n");
  co_return Result<void>();
}

// What came before the monitor listened: the first time those that --approve-existing is about,
// later those that were missed.
asio::awaitable<Result<bool>> catch_up(Watch& watch) {
  const bool is_first = watch.is_first;
  auto connection = co_await watch.session.connection();
  if (!connection) co_return fail(std::move(connection).error());
  std::vector<std::string> pending(1, "pending");
  activate::Selector all;
  auto waiting = co_await activate::ask_enrolments(**connection, std::move(pending), all);
  if (!waiting) co_return fail(std::move(waiting).error());
  watch.is_first = false;
  if (is_first && watch.options.approve_existing) {
    watch.print("Approving any requests already there which are a match");
  }
  for (auto& one : *waiting) {
    if (is_first && !watch.options.approve_existing) {
      watch.seen.insert(one.id);
      continue;
    }
    auto considered = co_await consider(watch, std::move(one));
    if (!considered) co_return fail(std::move(considered).error());
  }
  if (is_first) watch.print("Listening for new enrollment requests");
  co_return !watch.is_done();
}

asio::awaitable<Result<bool>> take(Watch& watch, activate::Enrolment one) {
  auto considered = co_await consider(watch, std::move(one));
  if (!considered) co_return fail(std::move(considered).error());
  co_return !watch.is_done();
}

asio::awaitable<Result<void>> listen(Watch& watch) {
  auto monitor = co_await watch.session.another();
  if (!monitor) co_return fail(std::move(monitor).error());
  const std::function<asio::awaitable<Result<bool>>()> listening =
      [&watch]() -> asio::awaitable<Result<bool>> { return catch_up(watch); };
  const std::function<asio::awaitable<Result<bool>>(activate::Enrolment)> taking =
      [&watch](activate::Enrolment one) -> asio::awaitable<Result<bool>> {
    return take(watch, std::move(one));
  };
  co_return co_await activate::watch_requests(**monitor, listening, taking);
}

}  // namespace

asio::awaitable<Result<int>> automatic(Session& session, const Options& options) {
  auto which =
      activate::Selector::make(options.app_selector, options.device_selector, options.is_regex);
  if (!which) co_return fail(std::move(which).error());
  Watch watch{session, options, *std::move(which)};
  while (!watch.is_done()) {
    auto ended = co_await listen(watch);
    if (ended || watch.is_done()) continue;
    if (!may_pass(ended.error())) co_return fail(std::move(ended).error());
    log::info("at_activate", "the monitor is opened again", {{"why", ended.error().what()}});
    if (ended.error().code() != Errc::timed_out) co_await net::pause(kPause);
  }
  watch.print("Approved " + std::to_string(watch.approved) + " requests - limit was " +
              std::to_string(options.limit) + " - done.");
  co_return 0;
}

}  // namespace noports::apps::at_activate
