// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/daemon.hpp"

#include <array>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/daemon/authorized_keys.hpp"
#include "noports/daemon/describe.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/offload.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;      // for one exchange with our atServer
constexpr auto kKeyPatience = 10s;   // at the start, before anybody is served
constexpr auto kRecordsEvery = 1h;   // noports-wire.md 15, device_info
constexpr auto kRecordsRetry = 30s;  // when the atServer could not be reached
constexpr auto kDeviceInfoTtl = std::chrono::days{30};
constexpr auto kStrangerEvery = 10min;
constexpr std::size_t kMostStrangers = 1'000;  // names remembered for the log

void warn(const char* sentence, const at::Atsign& who, const Error& error) {
  log::warn("daemon", sentence, {{"manager", who.str()}, {"why", error.what()}});
}

}  // namespace

Daemon::Daemon(asio::any_io_executor executor, atclient::Mailbox& mail, net::Poller& poller,
               atclient::Signer& signer, Options options)
    : mail_(mail),
      options_(std::move(options)),
      host_{mail,  poller, signer,    options_.rules, options_.device, options_.ssh_port,
            seen_, live_,  published_},
      tasks_(executor, log::escapes("daemon")) {}

asio::awaitable<Result<void>> Daemon::run() { return net::scoped(tasks_, take_letters()); }

asio::awaitable<Result<void>> Daemon::take_letters() {
  auto inbox = mail_.subscribe(
      [this](const at::Atsign& from, std::string_view key) { return wants(from, key); });
  co_await publish_key();
  tasks_.spawn(keep_records());
  log::info("daemon", "ready", {{"atsign", mail_.self().str()}, {"device", options_.device.str()}});
  for (;;) {
    auto note = co_await inbox.next();
    if (!note) co_return fail(std::move(note).error());
    options_.on_taken(note->epoch_millis);
    dispatch(*std::move(note));
  }
}

// Before anything is decrypted: is it for this device, and from somebody we listen to?
bool Daemon::wants(const at::Atsign& from, std::string_view key) {
  if (proto::kind_of(key, options_.device).empty()) return false;
  if (is_authorized(from, options_.rules)) return true;
  const auto now = std::chrono::steady_clock::now();
  if (strangers_.size() >= kMostStrangers) strangers_.clear();
  auto& last = strangers_[from];
  if (last == decltype(now){} || last + kStrangerEvery < now) {
    log::warn("daemon", "ignored: not a manager of this device",
              {{"from", from.str()}, {"key", key}});
    last = now;
  }
  return false;
}

void Daemon::dispatch(atclient::Note note) {
  const auto kind = proto::kind_of(note.key.str(), options_.device);
  log::debug("daemon", "letter", {{"kind", kind}, {"from", note.from.str()}});
  if (kind == "ping") {
    tasks_.spawn(answer_ping(note.from));
  } else if (kind == "npt_request") {
    tasks_.spawn(serve_session(host_, std::move(note), proto::RequestKind::npt));
  } else if (kind == "ssh_request") {
    tasks_.spawn(serve_session(host_, std::move(note), proto::RequestKind::ssh));
  } else if (kind == "sshpublickey") {
    tasks_.spawn(share_ssh_key(std::move(note)));
  } else if (kind == "sshd" || kind == "privatekey") {
    log::warn("daemon", "reverse ssh of the first generation is not served",
              {{"from", note.from.str()}});
  }
}

asio::awaitable<void> Daemon::answer_ping(at::Atsign to) {
  atclient::Letter letter{to, proto::device_key("heartbeat", options_.device), encode(about_us())};
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

proto::PingAnswer Daemon::about_us() const {
  return describe(options_.device, options_.device_group, options_.rules, published_);
}

// Without the record payload mode has to do: an atServer may have no such records, or not let this
// enrolment write them.
asio::awaitable<void> Daemon::publish_key() {
  if (!options_.enrolment || published_) co_return;
  auto ended = co_await signing::publish(mail_, *options_.enrolment, net::in(kKeyPatience));
  if (ended) {
    published_ = options_.enrolment;
  } else {
    log::warn("daemon", "our signing key cannot be published, so ESCR is not offered",
              {{"why", ended.error().what()}});
  }
}

asio::awaitable<void> Daemon::keep_records() {
  for (;;) {
    bool done = true;
    co_await publish_key();
    for (const auto& manager : options_.rules.managers) {
      auto records = options_.hide ? withdraw(manager) : publish(manager);
      auto ended = co_await std::move(records);
      if (ended) continue;
      warn("the device's records could not be written", manager, ended.error());
      done = false;
    }
    const std::chrono::seconds span = done ? kRecordsEvery : kRecordsRetry;
    co_await net::pause(span);
  }
}

asio::awaitable<Result<void>> Daemon::publish(at::Atsign manager) {
  const auto user_key = proto::device_key("username", options_.device);
  atclient::Record user{manager, user_key, options_.user, {}, -1, true};
  auto stored = co_await mail_.put(std::move(user), net::in(kPatience));
  if (!stored) co_return stored;
  // Clients of the reference read the copy that their own atServer keeps of a notification.
  atclient::Letter letter{manager, user_key, options_.user, {}, 60s, -1, true};
  auto sent = co_await mail_.notify(std::move(letter), net::in(kPatience));
  if (!sent) co_return sent;
  atclient::Record info{manager,
                        proto::device_key("device_info", options_.device),
                        encode(about_us()),
                        kDeviceInfoTtl,
                        -1,
                        true};
  co_return co_await mail_.put(std::move(info), net::in(kPatience));
}

asio::awaitable<Result<void>> Daemon::withdraw(at::Atsign manager) {
  static constexpr std::array<const char*, 2> kKinds = {"username", "device_info"};
  for (const auto* kind : kKinds) {
    auto key = at::Key::shared(manager, proto::device_key(kind, options_.device), mail_.self());
    auto gone = co_await mail_.remove(std::move(key), net::in(kPatience));
    if (!gone && gone.error().code() != Errc::not_found) co_return gone;
  }
  co_return Result<void>();
}

}  // namespace noports::daemon
