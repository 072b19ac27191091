// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/ask_policy.hpp"

#include <algorithm>
#include <array>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>

#include "noports/base/finally.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::daemon {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostRemembered = 1'000;
constexpr auto kQuestionTtl = 30'000ms;  // as the C daemon's
// Between attempts to send a question (noports-wire.md 14).
constexpr std::array<std::chrono::milliseconds, 3> kPauses = {200ms, 1'000ms, 5'000ms};

Error said(const proto::PolicyReply& reply) {
  const auto message = reply.message ? ": " + printable(*reply.message) : std::string();
  return Error(Errc::refused, Hop::policy,
               "the policy service answers " + std::string(name(reply.type)) + message);
}

// Whoever let the time pass.
Result<proto::PolicyReply> of_policy(Result<proto::PolicyReply> answer) {
  if (answer || answer.error().code() != Errc::timed_out) return answer;
  return fail(std::move(answer).error().at(Hop::policy).during("asking the policy service"));
}

}  // namespace

// One that is under way; whoever asks the same waits for its outcome.
struct PolicyAsker::Question {
  explicit Question(const asio::any_io_executor& executor)
      : bell(executor, asio::steady_timer::time_point::max()) {}

  static asio::awaitable<Result<proto::PolicyReply>> answer(std::shared_ptr<Question> self) {
    while (!self->outcome) {
      co_await self->bell.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
      co_await net::checkpoint();
    }
    co_return *self->outcome;
  }

  std::optional<Result<proto::PolicyReply>> outcome;
  asio::steady_timer bell;  // never expires; cancelled to wake those who wait
};

PolicyAsker::PolicyAsker(asio::any_io_executor executor, atclient::Mailbox& mail,
                         proto::DeviceName device, std::string group)
    : executor_(std::move(executor)),
      mail_(mail),
      device_(std::move(device)),
      group_(proto::normal_group(group)) {}

const proto::PolicyReply* PolicyAsker::remembered(const Subject& subject) const {
  const auto found = answers_.find(subject);
  if (found == answers_.end() || found->second.good_until < net::in(0ms)) return nullptr;
  return &found->second.reply;
}

void PolicyAsker::remember(const Subject& subject, const proto::PolicyReply& reply) {
  const auto now = net::in(0ms);
  std::erase_if(answers_, [&](const auto& one) { return one.second.good_until < now; });
  if (answers_.size() >= kMostRemembered) answers_.clear();
  answers_.insert_or_assign(subject, Answer{reply, now + kGoodFor});
}

std::int64_t PolicyAsker::next_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  last_id_ = std::max<std::int64_t>(last_id_ + 1, micros);
  return last_id_;
}

asio::awaitable<Result<proto::PolicyReply>> PolicyAsker::ask(at::Atsign policy, at::Atsign client,
                                                             bool fresh,
                                                             std::chrono::milliseconds patience) {
  const Subject subject(std::move(policy), std::move(client));
  const auto* known = fresh ? nullptr : remembered(subject);
  if (known) co_return *known;
  const auto deadline = net::in(patience);
  bool may_share = !fresh;  // one that was put before may have an answer that is old already
  for (auto found = questions_.find(subject); found != questions_.end();
       found = questions_.find(subject)) {
    const auto shared = found->second;
    auto theirs = co_await net::before(deadline, Question::answer(shared));
    if (may_share || net::in(0ms) >= deadline) co_return of_policy(std::move(theirs));
    may_share = true;
  }
  if (questions_.size() >= kMostAsked) {
    co_return fail(Errc::busy, "too many questions to the policy service at a time");
  }
  const auto question = std::make_shared<Question>(executor_);
  questions_.emplace(subject, question);
  const Finally over([&] {
    questions_.erase(subject);
    if (!question->outcome) question->outcome = fail(Errc::cancelled, "the question was withdrawn");
    question->bell.cancel();
  });
  auto answer = co_await net::before(deadline, put(subject, deadline));
  answer = of_policy(std::move(answer));
  if (answer) remember(subject, *answer);
  question->outcome = answer;
  co_return answer;
}

asio::awaitable<Result<void>> PolicyAsker::send(atclient::Letter letter, net::Deadline deadline) {
  for (const auto pause : kPauses) {
    auto sent = co_await mail_.notify(letter, deadline);
    if (sent || net::in(pause) >= deadline) co_return sent;
    log::info("daemon", "the policy service could not be asked, will try again",
              {{"policy", letter.to.str()}, {"why", sent.error().what()}});
    co_await net::pause(pause);
  }
  co_return co_await mail_.notify(std::move(letter), deadline);
}

asio::awaitable<Result<proto::PolicyReply>> PolicyAsker::put(Subject subject,
                                                             net::Deadline deadline) {
  const auto id = next_id();
  auto inbox =
      mail_.subscribe([policy = subject.first, id](const at::Atsign& from, std::string_view key) {
        if (from != policy) return false;  // numbers are no secret: anybody could answer
        const auto reply = proto::policy_reply_of(key);
        return reply && reply->id == id;
      });
  const proto::PolicyQuery query{id, mail_.self(), device_.str(), group_, subject.second};
  atclient::Letter letter{subject.first, proto::policy_query_key(id), encode(query), kQuestionTtl};
  auto sent = co_await send(std::move(letter), deadline);
  if (!sent) co_return fail(std::move(sent).error());
  for (;;) {
    auto note = co_await inbox.next();
    if (!note) co_return fail(std::move(note).error());
    const auto name = proto::policy_reply_of(note->key.str());
    auto reply = proto::decode_policy_reply(*name, note->value);
    if (!reply) co_return fail(std::move(reply).error().at(Hop::policy));
    if (reply->type == proto::PolicyReply::Type::ack) continue;
    if (reply->type != proto::PolicyReply::Type::success) co_return fail(said(*reply));
    co_return *std::move(reply);
  }
}

}  // namespace noports::daemon
