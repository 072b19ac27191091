// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/daemon.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "noports/base/finally.hpp"
#include "noports/daemon/authorized_keys.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/offload.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;  // for one exchange with our atServer
constexpr auto kStrangerEvery = 10min;
constexpr std::size_t kMostStrangers = 1'000;  // names remembered for the log
// Letters of people about whom the policy service is being asked.
constexpr std::size_t kMostAsking = 256;
// The policy service tells of changes; this is for one that does not, or whose letter is lost.
constexpr auto kPolicyEvery = 60s;
// A session that new rules allow no more ends within a second: what must be asked is asked sooner.
constexpr std::chrono::milliseconds kSoon = 800ms, kUsual = PolicyAsker::kPatience;

// What is served, and therefore what the policy service is asked for.
constexpr std::array<std::string_view, 4> kServed = {"ping", "npt_request", "ssh_request",
                                                     "sshpublickey"};

bool is_served(std::string_view kind) {
  return std::find(kServed.begin(), kServed.end(), kind) != kServed.end();
}

void warn(const char* sentence, const at::Atsign& who, const Error& error) {
  log::warn("daemon", sentence, {{"client", who.str()}, {"why", error.what()}});
}

}  // namespace

Daemon::Daemon(asio::any_io_executor executor, atclient::Mailbox& mail, net::Poller& poller,
               atclient::Signer& signer, Options options)
    : mail_(mail),
      options_(std::move(options)),
      seen_(options_.seen_sessions),
      announcements_(executor, mail, options_),
      policy_(executor, mail, options_.device, options_.device_group),
      host_{mail,
            poller,
            signer,
            options_.rules,
            options_.device,
            options_.ssh_port,
            seen_,
            sessions_,
            live_,
            announcements_.published_key()},
      tasks_(executor, log::escapes("daemon")) {}

asio::awaitable<Result<void>> Daemon::run() { return net::scoped(tasks_, take_letters()); }

asio::awaitable<Result<void>> Daemon::take_letters() {
  auto inbox = mail_.subscribe(
      [this](const at::Atsign& from, std::string_view key) { return wants(from, key); });
  co_await announcements_.publish_key();
  tasks_.spawn(announcements_.keep_records());
  tasks_.spawn(announcements_.keep_policy_informed());
  tasks_.spawn(follow_policy());
  log::info("daemon", "ready", {{"atsign", mail_.self().str()}, {"device", options_.device.str()}});
  for (;;) {
    auto note = co_await inbox.next();
    if (!note) co_return fail(std::move(note).error());
    options_.on_taken(note->epoch_millis);
    dispatch(*std::move(note));
  }
}

bool Daemon::is_policy_news(const at::Atsign& from, std::string_view key) const {
  return options_.rules.policy == from && key == proto::policy_config_key(options_.device).str();
}

// Before anything is decrypted: is it for this device, and from somebody we listen to?
bool Daemon::wants(const at::Atsign& from, std::string_view key) {
  if (is_policy_news(from, key)) return true;
  if (proto::kind_of(key, options_.device).empty()) return false;
  if (sender(from, options_.rules) != Sender::stranger) return true;
  log_stranger(from, key, "ignored: not a manager of this device", "");
  return false;
}

void Daemon::log_stranger(const at::Atsign& from, std::string_view key, const char* sentence,
                          std::string_view why) {
  const auto now = std::chrono::steady_clock::now();
  if (strangers_.size() >= kMostStrangers) strangers_.clear();
  auto& last = strangers_[from];
  if (last != decltype(now){} && now <= last + kStrangerEvery) return;
  last = now;
  if (why.empty()) {
    log::warn("daemon", sentence, {{"from", from.str()}, {"key", key}});
  } else {
    log::warn("daemon", sentence, {{"from", from.str()}, {"key", key}, {"why", why}});
  }
}

void Daemon::dispatch(atclient::Note note) {
  const auto key = note.key.str();
  log::debug("daemon", "letter", {{"key", key}, {"from", note.from.str()}});
  if (is_policy_news(note.from, key)) return ask_again();
  const auto kind = proto::kind_of(key, options_.device);
  if (kind == "sshd" || kind == "privatekey") {
    return log_stranger(note.from, key, "reverse ssh of the first generation is not served", "");
  }
  if (!is_served(kind)) return;
  switch (sender(note.from, options_.rules)) {
    case Sender::manager:
      return serve(std::move(note), manager());
    case Sender::to_be_asked:
      if (asking_ < kMostAsking) return tasks_.spawn(ask_first(std::move(note)));
      return log_stranger(note.from, key, "ignored: too many clients to ask the policy about", "");
    case Sender::stranger:  // a manager no more since the letter came
      return;
  }
}

void Daemon::serve(atclient::Note note, Standing standing) {
  const auto kind = proto::kind_of(note.key.str(), options_.device);
  if (kind == "ping") {
    tasks_.spawn(answer_ping(note.from, encode(announcements_.about_us())));
  } else if (kind == "npt_request") {
    tasks_.spawn(
        serve_session(host_, std::move(note), proto::RequestKind::npt, std::move(standing)));
  } else if (kind == "ssh_request") {
    tasks_.spawn(
        serve_session(host_, std::move(note), proto::RequestKind::ssh, std::move(standing)));
  } else if (kind == "sshpublickey") {
    tasks_.spawn(share_ssh_key(std::move(note)));
  }
}

asio::awaitable<void> Daemon::ask_first(atclient::Note note) {
  ++asking_;
  const Finally asked([this] { --asking_; });
  const auto policy = options_.rules.policy;
  if (!policy) co_return;
  auto answer = co_await policy_.ask(*policy, note.from, false);
  auto known = answer ? standing(*policy, *answer) : standing(answer.error());
  if (known.by == Standing::By::policy) co_return serve(std::move(note), std::move(known));
  const auto why = answer ? known.reason : answer.error().what();
  log_stranger(note.from, note.key.str(), "refused: the policy service does not let them in", why);
  if (!known.reason.empty()) co_await refuse(std::move(note), std::move(known.reason));
}

// A client reads the reason where an answer to what it sent would be.
asio::awaitable<void> Daemon::refuse(atclient::Note note, std::string reason) {
  const std::string kind(proto::kind_of(note.key.str(), options_.device));
  if (kind == "ping") {
    co_await answer_ping(note.from, std::move(reason));
  } else if (kind == "npt_request") {
    co_await refuse_session(host_, std::move(note), proto::RequestKind::npt, std::move(reason));
  } else if (kind == "ssh_request") {
    co_await refuse_session(host_, std::move(note), proto::RequestKind::ssh, std::move(reason));
  }
}

asio::awaitable<void> Daemon::answer_ping(at::Atsign to, std::string text) {
  atclient::Letter letter{to, proto::device_key("heartbeat", options_.device), std::move(text)};
  auto sent = co_await mail_.notify(std::move(letter), net::in(kPatience));
  if (!sent) warn("a ping could not be answered", to, sent.error());
}

asio::awaitable<void> Daemon::share_ssh_key(atclient::Note note) {
  if (!options_.rules.accepts_public_keys) {
    log::warn("daemon", "an ssh key was sent, but -s is not set", {{"from", note.from.str()}});
    co_return;
  }
  // Off the loop: another program may hold the lock on the folder for as long as it likes.
  std::function<Result<void>()> work = [file = options_.authorized_keys, text = note.value,
                                        permissions = options_.key_permissions,
                                        from = note.from]() -> Result<void> {
    const auto key = proto::SshPublicKey::parse(text);
    if (!key) return fail(key.error());
    return share_key(file, *key, permissions, from);
  };
  auto shared = co_await net::offload(std::move(work));
  if (!shared) {
    warn("an ssh key was not added", note.from, shared.error());
  } else {
    log::info("daemon", "an ssh key may log in",
              {{"from", note.from.str()}, {"file", options_.authorized_keys.string()}});
  }
}

void Daemon::apply(Rules rules) {
  const auto before = std::exchange(options_.rules, std::move(rules));
  if (before == options_.rules) return;
  log::info("daemon", "the rules have changed", {{"sessions", sessions_.size()}});
  if (before.policy != options_.rules.policy) policy_.forget();
  sessions_.check(options_.rules);
  ask_again();
  announcements_.rules_changed(before);
}

asio::awaitable<void> Daemon::follow_policy() {
  for (;;) {
    co_await net::pause(kPolicyEvery);
    ask_again();
  }
}

void Daemon::ask_again() {
  policy_.forget();
  const auto unknown = sessions_.unknown(options_.rules);
  for (const auto& client : sessions_.to_be_asked(options_.rules)) {
    const bool is_unknown = unknown.contains(client);
    const std::chrono::milliseconds patience = is_unknown ? kSoon : kUsual;
    tasks_.spawn(ask_again(client, patience, is_unknown));
  }
}

// A policy service that is away ends no session, unless the rules name it for the first time.
asio::awaitable<void> Daemon::ask_again(at::Atsign client, std::chrono::milliseconds patience,
                                        bool ends_unanswered) {
  const auto policy = options_.rules.policy;
  if (!policy) co_return;
  auto answer = co_await policy_.ask(*policy, client, true, patience);
  if (options_.rules.policy != policy) co_return;  // whoever changed it asks again
  if (answer) {
    sessions_.learn(client, standing(*policy, *answer), options_.rules);
  } else if (ends_unanswered) {
    sessions_.learn(client, standing(answer.error()), options_.rules);
  } else {
    warn("the policy service does not say whether a session may go on", client, answer.error());
  }
}

}  // namespace noports::daemon
