// SPDX-License-Identifier: BSD-3-Clause
// What the owner does about enrolments: otp, spp, list, fetch, approve, deny, revoke, unrevoke,
// delete.
#include "noports/activate/manage.hpp"

#include <iostream>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/output.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

using atclient::Connection;
using Enrolments = std::vector<activate::Enrolment>;

void print(const std::string& text) { std::cout << text << std::flush; }

// What a command does to the enrolments it is about.
struct Change {
  std::string_view operation;     // on the wire
  std::string_view doing;         // "Denying"
  std::string_view wanted_state;  // of those that selectors find
};

Change change_of(Command command) {
  if (command == Command::deny) return {"deny", "Denying", "pending"};
  if (command == Command::revoke) return {"revoke", "Revoking", "approved"};
  if (command == Command::unrevoke) return {"unrevoke", "Un-Revoking", "revoked"};
  if (command == Command::remove) return {"delete", "Deleting", ""};
  return {"approve", "Approving", "pending"};
}

Result<activate::Selector> selector(const Options& options) {
  return activate::Selector::make(options.app_selector, options.device_selector, options.is_regex);
}

asio::awaitable<Result<int>> otp(Connection& connection, const Options& options) {
  auto code = co_await activate::ask_passcode(connection, options.expiry);
  if (!code) co_return fail(std::move(code).error());
  print(options.json ? members_as_json({{"otp", *code}}) : printable(*code) + "\n");
  co_return 0;
}

asio::awaitable<Result<int>> spp(Connection& connection, const Options& options) {
  auto answer = co_await activate::set_passcode(connection, options.passcode, options.expiry);
  if (!answer) co_return fail(std::move(answer).error());
  const auto text = "Server response: data:" + printable(*answer) + "\n";
  print(options.json ? members_as_json({{"status", *answer}}) : text);
  co_return 0;
}

asio::awaitable<Result<int>> list(Connection& connection, const Options& options) {
  auto which = selector(options);
  if (!which) co_return fail(std::move(which).error());
  auto all = co_await activate::ask_enrolments(connection, options.statuses, *which);
  if (!all) co_return fail(std::move(all).error());
  print(options.json ? as_json(*all) : as_table(*all));
  co_return 0;
}

asio::awaitable<Result<int>> fetch(Connection& connection, const Options& options) {
  auto one = co_await activate::ask_enrolment(connection, *options.id);
  if (!one) co_return fail(std::move(one).error());
  print(options.json ? as_json(*one) : "Fetched enrollment OK: " + as_map(*one) + "\n");
  co_return 0;
}

// Those that a command is about; not_found when there is none.
asio::awaitable<Result<Enrolments>> chosen(Connection& connection, const Options& options,
                                           std::string state) {
  if (options.id) {
    auto one = co_await activate::ask_enrolment(connection, *options.id);
    if (!one) co_return fail(std::move(one).error());
    Enrolments only(1, *std::move(one));
    co_return only;
  }
  auto which = selector(options);
  if (!which) co_return fail(std::move(which).error());
  std::vector<std::string> states(1, std::move(state));
  auto all = co_await activate::ask_enrolments(connection, std::move(states), *which);
  if (!all) co_return all;
  if (all->empty()) {
    co_return fail(Error(Errc::not_found, "No matching enrollment(s) found")
                       .hint("names are compared as a whole; --regex searches in them"));
  }
  if (!options.json)
    print("Found " + std::to_string(all->size()) + " matching enrollment records\n");
  co_return all;
}

void tell_approved(const Options& options, const activate::Enrolment& one,
                   const activate::Approved& approved) {
  say("Check code: " + approved.check_code + ", the same that the new device shows");
  if (approved.used_zero_iv) {
    say("The atServer does not keep IVs: the keys were handed over with a weaker encryption");
  }
  const auto status = printable(approved.outcome.status);
  const std::string text = "Server response: AtEnrollmentResponse{enrollmentId: " + one.id +
                           ", enrollStatus: EnrollmentStatus." + status + "}\n";
  print(options.json ? members_as_json({{"enrollmentId", one.id},
                                        {"status", approved.outcome.status},
                                        {"appName", one.app_name},
                                        {"deviceName", one.device_name},
                                        {"checkCode", approved.check_code}})
                     : text);
}

asio::awaitable<Result<void>> approve_one(Session& session, const Options& options,
                                          activate::Enrolment one) {
  auto connection = co_await session.connection();
  if (!connection) co_return fail(std::move(connection).error());
  if (!options.json) {
    print("Approving enrollmentId " + one.id + " with appName \"" + printable(one.app_name) +
          "\" and deviceName \"" + printable(one.device_name) + "\"\n");
  }
  auto approved = co_await activate::approve(**connection, one, session.keys(), options.zero_iv);
  if (!approved) co_return fail(std::move(approved).error());
  tell_approved(options, one, *approved);
  co_return Result<void>();
}

asio::awaitable<Result<void>> change_one(Connection& connection, const Options& options,
                                         Change change, std::string id) {
  const bool is_delete = change.operation == "delete";
  if (!options.json) {
    print(is_delete ? "Sending delete request\n"
                    : std::string(change.doing) + " enrollmentId " + id + "\n");
  }
  const std::string operation(change.operation);
  auto outcome = co_await activate::change(connection, operation, id, options.force);
  if (!outcome) co_return fail(std::move(outcome).error());
  auto json = members_as_json({{"status", outcome->status}, {"enrollmentId", outcome->id}});
  if (!options.json) json = (is_delete ? "Server response: " : "Server response: data:") + json;
  print(json);
  co_return Result<void>();
}

// All that were chosen; the first failure ends it.
asio::awaitable<Result<int>> change_all(Session& session, Command command, const Options& options) {
  auto connection = co_await session.connection();
  if (!connection) co_return fail(std::move(connection).error());
  const auto change = change_of(command);
  Enrolments all;
  const bool is_known = options.id && command != Command::approve;
  if (is_known) {
    all.emplace_back();
    all.back().id = *options.id;
  } else {
    auto found = co_await chosen(**connection, options, std::string(change.wanted_state));
    if (!found) co_return fail(std::move(found).error());
    all = *std::move(found);
  }
  for (const auto& one : all) {
    auto done = Result<void>();
    if (command == Command::approve) {
      done = co_await approve_one(session, options, one);
    } else {
      done = co_await change_one(**connection, options, change, one.id);
    }
    if (!done) co_return fail(std::move(done).error());
  }
  co_return 0;
}

}  // namespace

bool needs_session(Command command) noexcept {
  switch (command) {
    case Command::onboard:
    case Command::enroll:
    case Command::status:
    case Command::backup:
    case Command::verify:
    case Command::import:
      return false;
    default:
      return true;
  }
}

asio::awaitable<Result<int>> run_in(Session& session, Command command, const Options& options) {
  if (command == Command::automatic) co_return co_await automatic(session, options);
  if (command == Command::interactive) co_return co_await interactive(session, options);
  auto connection = co_await session.connection();
  if (!connection) co_return fail(std::move(connection).error());
  switch (command) {
    case Command::otp:
      co_return co_await otp(**connection, options);
    case Command::spp:
      co_return co_await spp(**connection, options);
    case Command::list:
      co_return co_await list(**connection, options);
    case Command::fetch:
      co_return co_await fetch(**connection, options);
    default:
      co_return co_await change_all(session, command, options);
  }
}

}  // namespace noports::apps::at_activate
