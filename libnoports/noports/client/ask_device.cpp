// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ask_device.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/proto/envelope.hpp"

namespace noports::client {
namespace {

using namespace std::chrono_literals;

// Nobody tells a stranger anything: no answer is all that one learns in each of these cases.
Error silent(const at::Atsign& us, const Device& device) {
  const auto& name = device.name.str();
  return Error(Errc::timed_out, Hop::device,
               "no answer in time: the device is off, its name is not " + name + ", or " +
                   us.str() + " is not authorised")
      .hint("check that sshnpd runs there with -d " + name + " and has " + us.str() +
            " as a manager or in its policy");
}

atclient::Inbox subscribe(atclient::Mailbox& mail, at::Atsign from_whom, at::KeyName wanted) {
  return mail.subscribe([from_whom, wanted](const at::Atsign& from, std::string_view key) {
    return from == from_whom && key == wanted.str();
  });
}

asio::awaitable<Result<atclient::Note>> next_from(atclient::Inbox& inbox, at::Atsign us,
                                                  Device device, net::Deadline deadline) {
  for (;;) {
    auto note = co_await net::before(deadline, inbox.next());
    if (!note && note.error().code() == Errc::timed_out) co_return fail(silent(us, device));
    if (!note) co_return fail(std::move(note).error());
    if (note->from == device.atsign) co_return *std::move(note);
  }
}

asio::awaitable<Result<void>> check_signer(atclient::Mailbox& mail, at::Atsign signer,
                                           const proto::Envelope& envelope,
                                           net::Deadline deadline) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool is_fresh = attempt > 0;  // a cached key may be of before the atSign was reset
    auto key = co_await mail.public_key(signer, is_fresh, deadline);
    if (!key) co_return fail(std::move(key).error());
    if (proto::check_envelope(envelope, *key)) co_return Result<void>();
  }
  co_return fail(Error(Errc::bad_signature, Hop::device,
                       "the answer is not signed with the key of " + signer.str())
                     .hint("do not use this session: somebody may stand between the two of you"));
}

Error refusal(const Device& device, const std::string& text) {
  return Error(Errc::refused, Hop::device, device.atsign.str() + " says: " + printable(text, 400))
      .hint(
          "the device's log says more; what may be opened is set by its --permit-open and policy");
}

asio::awaitable<Result<proto::Grant>> believe(atclient::Mailbox& mail, Device device,
                                              proto::SessionId session, std::string answer,
                                              net::Deadline deadline) {
  if (answer.empty() || answer.front() != '{') co_return fail(refusal(device, answer));
  auto envelope = proto::decode_envelope(answer);
  if (!envelope) co_return fail(std::move(envelope).error().at(Hop::device));
  auto checked = co_await check_signer(mail, device.atsign, *envelope, deadline);
  if (!checked) co_return fail(std::move(checked).error());
  auto grant = proto::decode_grant(envelope->payload);
  if (!grant) co_return fail(std::move(grant).error().at(Hop::device));
  if (grant->session != session) {
    co_return fail(Errc::bad_syntax, Hop::device, "the answer is for another session");
  }
  co_return *std::move(grant);
}

bool is_name_char(char c, bool is_first) noexcept {
  const bool is_word =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  return is_word || (!is_first && (c == '.' || c == '@' || c == '+' || c == '-'));
}

// Instead of what it can do, a device says so that its policy service does not let us in.
bool is_sentence(std::string_view heartbeat) noexcept {
  return !heartbeat.empty() && heartbeat.front() >= 'A' && heartbeat.front() <= 'Z';
}

}  // namespace

asio::awaitable<Result<proto::PingAnswer>> ask_features(atclient::Mailbox& mail, Device device,
                                                        net::Deadline deadline) {
  const std::string doing =
      "asking " + device.atsign.str() + " what " + device.name.str() + " can do";
  auto inbox = subscribe(mail, device.atsign, proto::device_key("heartbeat", device.name));
  atclient::Letter letter{device.atsign, proto::device_key("ping", device.name), "ping"};
  letter.ttl.reset();
  auto sent = co_await mail.notify(std::move(letter), deadline);
  if (!sent) co_return fail(std::move(sent).error().during(doing));
  for (;;) {
    auto note = co_await next_from(inbox, mail.self(), device, deadline);
    if (!note) co_return fail(std::move(note).error().during(doing));
    if (is_sentence(note->value)) co_return fail(refusal(device, note->value).during(doing));
    auto answer = proto::decode_ping(note->value);
    if (!answer) co_return fail(std::move(answer).error().at(Hop::device).during(doing));
    // The key says it already; a device that calls itself otherwise is another one.
    if (lower(answer->device_name) == device.name.str()) co_return *std::move(answer);
  }
}

asio::awaitable<Result<proto::Grant>> ask_session(Caller me, Device device,
                                                  proto::SessionRequest request,
                                                  net::Deadline deadline) {
  const std::string doing =
      "asking " + device.atsign.str() + " for a session on " + device.name.str();
  const std::string payload = proto::encode(request);
  auto signature = co_await me.signer->sign(payload);
  if (!signature) co_return fail(std::move(signature).error().during(doing));
  auto envelope = proto::encode_envelope(payload, *signature);
  if (!envelope) co_return fail(std::move(envelope).error().during(doing));

  auto inbox =
      subscribe(me.mail, device.atsign, proto::device_key(request.session.str(), device.name));
  const bool is_npt = request.kind == proto::RequestKind::npt;
  const auto key = proto::device_key(is_npt ? "npt_request" : "ssh_request", device.name);
  atclient::Letter letter{device.atsign, key, *std::move(envelope)};
  auto sent = co_await me.mail.notify(std::move(letter), deadline);
  if (!sent) co_return fail(std::move(sent).error().during(doing));
  auto note = co_await next_from(inbox, me.mail.self(), device, deadline);
  if (!note) co_return fail(std::move(note).error().during(doing));
  // The answer is here; looking up the key to check it with gets time of its own.
  const auto check_deadline = std::max<net::Deadline>(deadline, net::in(10s));
  auto grant = co_await believe(me.mail, device, request.session, note->value, check_deadline);
  if (!grant) co_return fail(std::move(grant).error().during(doing));
  co_return *std::move(grant);
}

asio::awaitable<Result<void>> send_ssh_key(atclient::Mailbox& mail, Device device,
                                           proto::SshPublicKey key, net::Deadline deadline) {
  atclient::Letter letter{device.atsign, proto::device_key("sshpublickey", device.name), key.str()};
  auto sent = co_await mail.notify(std::move(letter), deadline);
  if (!sent) co_return fail(std::move(sent).error().during("sharing the ssh public key"));
  co_return Result<void>();
}

asio::awaitable<Result<std::string>> ask_user_name(atclient::Mailbox& mail, Device device,
                                                   net::Deadline deadline) {
  // With the caches: some daemons only notify this record, and our server's copy is the only one
  // (noports-wire.md 4).
  const auto key = proto::device_key("username", device.name);
  auto name = co_await mail.get(device.atsign, key, false, deadline);
  if (!name && name.error().code() == Errc::not_found) {
    co_return fail(
        Error(Errc::not_found, Hop::device,
              device.atsign.str() + " has not told us the name of the user of " + device.name.str())
            .hint("give it with -u"));
  }
  if (!name) {
    auto error = std::move(name).error().during("looking up the remote user's name");
    // Python's daemon encrypts this record otherwise than its metadata says.
    if (error.code() == Errc::bad_syntax) error = std::move(error).hint("give it with -u");
    co_return fail(std::move(error));
  }
  auto checked = check_user_name(trim(*name));
  if (!checked) co_return fail(std::move(checked).error().during("the device's user name"));
  co_return *std::move(checked);
}

Result<std::string> check_user_name(std::string_view text) {
  bool is_good = !text.empty() && text.size() <= 64;
  for (std::size_t i = 0; i < text.size(); ++i) is_good &= is_name_char(text[i], i == 0);
  if (is_good) return std::string(text);
  return fail(Error(Errc::config, printable(text, 64) + " is no user name")
                  .hint("give another one with -u"));
}

}  // namespace noports::client
