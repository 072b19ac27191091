// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/manage.hpp"

#include <algorithm>
#include <utility>

#include "noports/at/answer.hpp"
#include "noports/at/notification.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::activate {

using namespace std::chrono_literals;

namespace {

constexpr auto kStep = 30s;           // one command
constexpr auto kQuiet = 60s;          // silence after which a monitor may be dead
constexpr std::size_t kShortest = 6;  // of a passcode for many
constexpr std::size_t kLongest = 16;

bool is_passcode(const std::string& text) {
  return text.size() >= kShortest && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

std::optional<std::int64_t> in_milliseconds(std::optional<std::chrono::milliseconds> span) {
  if (!span) return std::nullopt;
  return span->count();
}

// What a push says about a request, if it is one.
std::optional<Enrolment> request_in(const at::Answer& answer) {
  const auto* push = std::get_if<at::Push>(&answer);
  if (push == nullptr) return std::nullopt;
  const auto note = at::decode_notification(push->json);
  if (!note || !note->value || note->from != note->to) return std::nullopt;
  auto wanted = decode_request_note(note->key, *note->value);
  if (!wanted) return std::nullopt;
  return *std::move(wanted);
}

asio::awaitable<Result<Enrolment>> next_request(atclient::Connection& connection) {
  for (;;) {
    auto line = co_await net::before(net::in(kQuiet), connection.stream().read_line());
    if (!line) {
      co_return fail(std::move(line).error().during("listening for requests").at(Hop::atserver));
    }
    if (auto wanted = request_in(at::decode_answer(*line))) co_return *std::move(wanted);
  }
}

}  // namespace

asio::awaitable<Result<std::string>> ask_passcode(atclient::Connection& connection,
                                                  std::optional<std::chrono::milliseconds> ttl) {
  at::Otp otp;
  otp.ttl = in_milliseconds(ttl);
  auto answer = co_await connection.ask(std::move(otp), net::in(kStep));
  if (!answer) co_return fail(std::move(answer).error().during("asking for a passcode"));
  if (answer->size() < kShortest || answer->find_first_of(" \t{}:") != answer->npos) {
    co_return fail(Errc::bad_syntax, Hop::atserver, "the atServer's answer is no passcode");
  }
  co_return answer;
}

asio::awaitable<Result<std::string>> set_passcode(atclient::Connection& connection,
                                                  std::string passcode,
                                                  std::optional<std::chrono::milliseconds> ttl) {
  if (!is_passcode(passcode)) {
    co_return fail(Errc::config, "SPP must be alphanumeric and 6 to 16 characters long");
  }
  at::Otp otp;
  otp.operation = at::Otp::Operation::put;
  otp.passcode = std::move(passcode);
  otp.ttl = in_milliseconds(ttl);
  auto answer = co_await connection.ask(std::move(otp), net::in(kStep));
  if (!answer) co_return fail(std::move(answer).error().during("setting the passcode"));
  co_return answer;
}

asio::awaitable<Result<std::vector<Enrolment>>> ask_enrolments(atclient::Connection& connection,
                                                               std::vector<std::string> statuses,
                                                               Selector which) {
  auto answer = co_await connection.ask(list_of(statuses), net::in(kStep));
  if (!answer) co_return fail(std::move(answer).error().during("listing the enrolments"));
  auto all = decode_enrolments(*answer);
  if (!all) co_return all;
  // Old servers ignore the filter for who sees its own enrolment only (4.11).
  std::erase_if(*all, [&](const Enrolment& one) {
    const bool is_asked = statuses.empty() ||
                          std::find(statuses.begin(), statuses.end(), one.status) != statuses.end();
    return !is_asked || !which.matches(one);
  });
  co_return all;
}

asio::awaitable<Result<Enrolment>> ask_enrolment(atclient::Connection& connection, std::string id) {
  auto answer = co_await connection.ask(about("fetch", id), net::in(kStep));
  if (!answer &&
      (answer.error().code() == Errc::not_found || standing(answer.error()) == Standing::expired)) {
    co_return fail(Errc::not_found, "Enrollment ID " + id + " not found");
  }
  if (!answer) co_return fail(std::move(answer).error().during("fetching the enrolment"));
  co_return decode_enrolment(id, *answer);
}

asio::awaitable<Result<Approved>> approve(atclient::Connection& connection, Enrolment wanted,
                                          std::shared_ptr<const keys::Keys> ours, bool zero_iv) {
  Approved approved;
  auto symmetric = unwrap_key(wanted.wrapped_key, ours->encryption);
  if (!symmetric) co_return fail(std::move(symmetric).error());
  approved.check_code = check_code(*symmetric, wanted.id);
  std::optional<ApprovalIvs> ivs;
  if (!zero_iv) {
    at::Info info;
    info.brief = true;
    auto version = co_await connection.ask(std::move(info), net::in(kStep));
    if (!version && !connection.is_open()) co_return fail(std::move(version).error());
    if (version && keeps_ivs(*version)) {
      ivs.emplace(ApprovalIvs{crypto::random_bytes(crypto::kAesIvSize),
                              crypto::random_bytes(crypto::kAesIvSize)});
    }
  }
  approved.used_zero_iv = !ivs;
  auto verb = approve(wanted, *ours, ivs);
  if (!verb) co_return fail(std::move(verb).error());
  auto answer = co_await connection.ask(*std::move(verb), net::in(kStep));
  if (!answer) co_return fail(std::move(answer).error().during("approving " + wanted.id));
  auto outcome = decode_outcome(*answer);
  if (!outcome) co_return fail(std::move(outcome).error());
  approved.outcome = *std::move(outcome);
  co_return approved;
}

asio::awaitable<Result<Outcome>> change(atclient::Connection& connection, std::string operation,
                                        std::string id, bool force) {
  auto answer = co_await connection.ask(about(operation, id, force), net::in(kStep));
  if (!answer) {
    co_return fail(std::move(answer).error().during("asking to " + operation + " " + id));
  }
  co_return decode_outcome(*answer);
}

asio::awaitable<Result<void>> watch_requests(
    atclient::Connection& connection, std::function<asio::awaitable<Result<bool>>()> listening,
    std::function<asio::awaitable<Result<bool>>(Enrolment)> take) {
  at::Monitor monitor;
  monitor.self_notifications = true;
  monitor.regex = std::string(kRequestNotes);
  auto said = co_await connection.say(std::move(monitor), net::in(kStep));
  if (!said) co_return said;
  auto more = co_await listening();
  while (more && *more) {
    auto wanted = co_await next_request(connection);
    if (!wanted) co_return fail(std::move(wanted).error());
    more = co_await take(*std::move(wanted));
  }
  if (!more) co_return fail(std::move(more).error());
  co_return Result<void>();
}

}  // namespace noports::activate
