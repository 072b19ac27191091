// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/onboard.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "noports/activate/first_enrolment.hpp"
#include "noports/atclient/authenticate.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/atclient/login.hpp"
#include "noports/crypto/random.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/log/log.hpp"
#include "noports/net/offload.hpp"

namespace noports::activate {

using namespace std::chrono_literals;

namespace {

constexpr auto kStep = 30s;   // a TLS connect, or one command (keys-and-enrollment.md 3.4)
constexpr auto kGlance = 5s;  // the same, for a look that may fail

using ConnectionPtr = std::unique_ptr<atclient::Connection>;
using KeysPtr = std::shared_ptr<const keys::Keys>;

at::Key public_key_name(const at::Atsign& self) {
  return at::Key::open(*at::KeyName::parse("publickey"), self);
}

Error already_activated(const at::Atsign& self, std::string_view hint) {
  return Error(Errc::refused, Hop::atserver, self.str() + " has been activated already").hint(hint);
}

constexpr std::string_view kUseKeys = "use the key file that was made then, or enroll this machine";

Error foreign_file(const Onboarding& what, std::string_view why) {
  return Error(Errc::busy, what.key_file.string() + " exists already, " + std::string(why))
      .hint("move it away, or name another file with --keys");
}

atclient::Login login(const Onboarding& what, KeysPtr keys) {
  return atclient::Login(what.directory, what.tls, what.self, std::move(keys));
}

// Until the atServer can be talked to.
asio::awaitable<Result<ConnectionPtr>> reach(const Onboarding& what, const Say& say) {
  auto entrance = login(what, nullptr);
  const auto tries = std::max<std::size_t>(what.retries, 1);
  for (std::size_t attempt = 0;; ++attempt) {
    say("Connecting to secondary for " + what.self.str() + "... #[" + std::to_string(attempt + 1) +
        "/" + std::to_string(tries) + "]");
    auto connection = co_await entrance.open_anonymous(net::in(kStep));
    if (connection || attempt + 1 == tries) co_return connection;
    const auto code = connection.error().code();
    if (code == Errc::rejected || code == Errc::config) co_return connection;
    log::info("activate", "the atServer cannot be reached yet",
              {{"atsign", what.self.str()}, {"error", connection.error().what()}});
    co_await net::pause(what.pause);
  }
}

// The public key that the atServer publishes for us; empty when there is none.
asio::awaitable<Result<std::string>> published(atclient::Connection& connection,
                                               const at::Atsign& self) {
  at::LocalLookup lookup{at::Part::value, public_key_name(self)};
  auto answer = co_await connection.ask(std::move(lookup), net::in(kStep));
  if (answer && *answer == "null") co_return std::string();
  if (!answer && answer.error().code() == Errc::not_found) co_return std::string();
  co_return answer;
}

// Whether it is known for sure that there is nothing to activate. One look: a new atSign may not
// have appeared anywhere yet.
asio::awaitable<bool> is_active(const Onboarding& what) {
  auto entrance = login(what, nullptr);
  auto connection = co_await entrance.open_anonymous(net::in(kGlance));
  if (!connection) co_return false;
  at::Lookup lookup{false, at::Part::value, *at::KeyName::parse("publickey"), what.self};
  auto key = co_await (*connection)->ask(std::move(lookup), net::in(kGlance));
  const bool is_published = key.has_value() && *key != "null";
  co_return is_published;
}

// The secret, before anything is tried with it.
asio::awaitable<Result<void>> find_secret(Onboarding& what) {
  if (!what.secret.empty()) co_return Result<void>();
  const bool is_late = co_await is_active(what);
  if (is_late) co_return fail(already_activated(what.self, kUseKeys));
  auto secret = co_await what.ask_secret();
  if (!secret) co_return fail(std::move(secret).error());
  what.secret = *std::move(secret);
  co_return Result<void>();
}

// A connection that has proved the activation secret.
asio::awaitable<Result<ConnectionPtr>> enter(const Onboarding& what, const Say& say) {
  auto connection = co_await reach(what, say);
  if (!connection) co_return connection;
  auto proven =
      co_await atclient::authenticate(**connection, what.self, what.secret, net::in(kStep));
  if (!proven && proven.error().code() == Errc::not_set_up) {
    co_return fail(already_activated(what.self, kUseKeys));  // the secret has been used up
  }
  if (!proven) co_return fail(std::move(proven).error());
  co_return connection;
}

// The same for an atSign that must not have a public key yet: what was encrypted for it could not
// be read any more.
asio::awaitable<Result<ConnectionPtr>> enter_first(const Onboarding& what, const Say& say) {
  auto connection = co_await enter(what, say);
  if (!connection) co_return connection;
  auto key = co_await published(**connection, what.self);
  if (!key) co_return fail(std::move(key).error());
  if (!key->empty()) co_return fail(already_activated(what.self, kUseKeys));
  co_return connection;
}

asio::awaitable<Result<std::string>> enroll(atclient::Connection& connection,
                                            const crypto::PublicKey& key) {
  FirstEnrolment wanted;
  wanted.public_key = key.text();
  auto answer = co_await connection.ask(encode(wanted), net::in(kStep));
  if (!answer && is_taken(answer.error())) {
    // An earlier attempt came so far and no further; its keys are lost, its names are not free.
    wanted.device_name += "-" + crypto::random_uuid().substr(0, 8);
    answer = co_await connection.ask(encode(wanted), net::in(kStep));
  }
  if (!answer) co_return fail(std::move(answer).error().during("enrolling the first application"));
  co_return decode_enrolled(*answer);
}

// The last steps: who has the key file has the atSign now, so the rest may be made public.
asio::awaitable<Result<void>> finish(const Onboarding& what, atclient::Connection& connection,
                                     KeysPtr keys, const Say& say) {
  say("Publishing the public key");
  at::Update update{at::Metadata(), public_key_name(what.self),
                    keys->encryption.public_key().text()};
  update.metadata.is_encrypted = false;
  auto updated = co_await connection.ask(std::move(update), net::in(kStep));
  if (!updated) co_return fail(std::move(updated).error().during("publishing the public key"));

  say("Deleting the activation secret");
  at::Delete secret{at::Key::privatekey(*at::KeyName::parse("at_secret"))};
  auto deleted = co_await connection.ask(std::move(secret), net::in(kStep));
  if (!deleted) co_return fail(std::move(deleted).error().during("deleting the secret"));
  log::info("activate", "activated", {{"atsign", what.self.str()}});
  co_return Result<void>();
}

// Whether the atServer still has the activation secret, which the keys have made superfluous: of a
// wrong proof it says whether there was anything to compare it with.
asio::awaitable<Result<bool>> has_secret(const Onboarding& what, const Say& say) {
  auto connection = co_await reach(what, say);
  if (!connection) co_return fail(std::move(connection).error());
  auto guess = what.secret.copy();
  if (guess.empty()) guess = crypto::Secret(std::string_view(crypto::random_uuid()));
  auto proven = co_await atclient::authenticate(**connection, what.self, guess, net::in(kStep));
  if (proven) co_return true;
  const auto code = proven.error().code();
  if (code == Errc::not_set_up) co_return false;
  if (code == Errc::rejected) co_return true;
  co_return fail(std::move(proven).error());
}

// The key file is there: an earlier call made it and was interrupted, or it is none of ours.
asio::awaitable<Result<void>> resume(const Onboarding& what, const Say& say) {
  auto loaded = keys::load(what.key_file, what.self, {what.passphrase.get(), false});
  if (!loaded) co_return fail(foreign_file(what, "and cannot be used: " + loaded.error().what()));
  const auto keys = std::make_shared<const keys::Keys>(*std::move(loaded));
  say("Going on with the keys in " + what.key_file.string());
  auto connection = co_await reach(what, say);
  if (!connection) co_return fail(std::move(connection).error());
  auto proven = co_await atclient::authenticate(**connection, what.self, keys,
                                                atclient::Refusals::json, net::in(kStep));
  if (!proven && atclient::is_final(proven.error())) {
    co_return fail(foreign_file(what, "and its keys do not work: " + proven.error().what()));
  }
  if (!proven) co_return fail(std::move(proven).error());
  auto key = co_await published(**connection, what.self);
  if (!key) co_return fail(std::move(key).error());
  if (!key->empty() && *key != keys->encryption.public_key().text()) {
    co_return fail(foreign_file(what, "and " + what.self.str() + " has another public key by now"));
  }
  if (!key->empty()) {  // finished, unless the secret is still there
    auto is_left = co_await has_secret(what, say);
    if (!is_left) co_return fail(std::move(is_left).error());
    if (!*is_left) {
      co_return fail(already_activated(what.self, "its keys are in " + what.key_file.string()));
    }
  }
  co_return co_await finish(what, **connection, keys, say);
}

asio::awaitable<Result<void>> begin(Onboarding& what, const Say& say) {
  auto found = co_await find_secret(what);
  if (!found) co_return fail(std::move(found).error());
  std::function<Result<keys::Keys>()> work = keys::make_keys;  // slow: beside the network
  auto [made, entered] =
      co_await net::both(net::offload<keys::Keys>(std::move(work)), enter_first(what, say));
  if (!made) co_return fail(std::move(made).error());
  if (!entered) co_return fail(std::move(entered).error());

  say("Enrolling the first application");
  auto id = co_await enroll(**entered, made->pkam.public_key());
  if (!id) co_return fail(std::move(id).error());
  (*entered)->close();
  made->enrollment_id = *id;
  const auto keys = std::make_shared<const keys::Keys>(*std::move(made));

  say("Logging in with the new keys");
  auto entrance = login(what, keys);
  auto connection = co_await entrance.open(atclient::Refusals::json, net::in(kStep));
  if (!connection) co_return fail(std::move(connection).error());
  say("Saving the keys");
  keys::Saving how;
  how.passphrase = what.passphrase.get();
  auto saved = keys::save(*keys, what.self, what.key_file, how);
  if (!saved) co_return fail(std::move(saved).error());
  co_return co_await finish(what, **connection, keys, say);
}

}  // namespace

asio::awaitable<Result<void>> onboard(Onboarding what, Say say) {
  std::error_code unknown;
  const bool exists =
      std::filesystem::exists(std::filesystem::symlink_status(what.key_file, unknown));
  if (exists) co_return co_await resume(what, say);
  co_return co_await begin(what, say);
}

}  // namespace noports::activate
