// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/enroll.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "noports/activate/first_enrolment.hpp"
#include "noports/activate/half_made.hpp"
#include "noports/atclient/authenticate.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/atclient/login.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/log/log.hpp"
#include "noports/net/offload.hpp"

namespace noports::activate {

using namespace std::chrono_literals;

namespace {

constexpr auto kStep = 30s;
// An atServer delays its answer to a wrong passcode by up to 55 s (4.12).
constexpr auto kRequest = 120s;
// A signature that is refused stays so; but old atServers say so while a request is new (4.6).
constexpr int kMostUnproven = 3;

struct Work {
  Enrolling what;
  EnrolTold told;
  std::filesystem::path pending;
  atclient::Login login;
  std::unique_ptr<atclient::Connection> connection{};
  bool is_resumed = false;
};

bool is_there(const std::filesystem::path& path) {
  std::error_code unknown;
  return std::filesystem::exists(std::filesystem::symlink_status(path, unknown));
}

void drop_pending(const Work& work) {
  std::error_code ignored;  // a file that stays is found, and told of, by the next call
  std::filesystem::remove(work.pending, ignored);
}

asio::awaitable<Result<void>> reach(Work& work) {
  if (work.connection && work.connection->is_open()) co_return Result<void>();
  auto opened = co_await work.login.open_anonymous(net::in(kStep));
  if (!opened) co_return fail(std::move(opened).error());
  work.connection = *std::move(opened);
  co_return Result<void>();
}

// --- what is there already --------------------------------------------------

// The key file exists: of this enrolment, when only its last step was missed.
Result<std::string> already(const Work& work) {
  const auto& path = work.what.key_file;
  const auto taken = Error(Errc::busy, "atKeys file " + path.string() + " already exists")
                         .hint("move it away, or name another file with --keys");
  const auto half = load_half_made(work.pending, work.what.self);
  if (!half || half->id.empty()) return fail(taken);
  const auto keys = keys::load(path, work.what.self, {work.what.passphrase.get(), false});
  if (!keys || keys->enrollment_id != half->id) return fail(taken);
  drop_pending(work);
  return half->id;
}

Result<HalfMade> resume(Work& work) {
  auto half = load_half_made(work.pending, work.what.self);
  if (!half) return half;
  if (half->app_name != work.what.app_name || half->device_name != work.what.device_name) {
    return fail(Error(Errc::busy, work.pending.string() + " holds an unfinished enrolment of \"" +
                                      half->app_name + "\" on \"" + half->device_name + "\"")
                    .hint("finish it with these names, or delete that file"));
  }
  work.is_resumed = true;
  return half;
}

asio::awaitable<Result<HalfMade>> begin(Work& work) {
  std::function<Result<crypto::PrivateKey>()> make = crypto::PrivateKey::generate;
  auto pkam = co_await net::offload<crypto::PrivateKey>(std::move(make));
  if (!pkam) co_return fail(std::move(pkam).error());
  HalfMade half{work.what.self,
                work.what.app_name,
                work.what.device_name,
                "",
                "",
                *std::move(pkam),
                crypto::random_secret(crypto::kAesKeySize)};
  auto saved = save(half, work.pending);
  if (!saved) co_return fail(std::move(saved).error());
  co_return half;
}

// --- the request ------------------------------------------------------------

asio::awaitable<Result<crypto::PublicKey>> owner_key(Work& work) {
  at::Lookup lookup{false, at::Part::value, *at::KeyName::parse("publickey"), work.what.self};
  auto text = co_await work.connection->ask(std::move(lookup), net::in(kStep));
  if (!text && text.error().code() == Errc::not_found) {
    co_return fail(
        Error(Errc::not_set_up, Hop::atserver, work.what.self.str() + " has not been activated yet")
            .hint("activate it first: at_activate onboard -a " + work.what.self.str()));
  }
  if (!text) co_return fail(std::move(text).error());
  auto key = crypto::PublicKey::parse(*text);
  if (!key) {
    co_return fail(Errc::bad_syntax, Hop::atserver, "the public key of the atSign cannot be read");
  }
  co_return key;
}

// The id in "Another enrollment with id <id> exists ...".
std::string id_that_exists(const Error& refusal) {
  constexpr std::string_view kBefore = "Another enrollment with id ";
  const std::string_view text = refusal.what();
  const auto at = text.find(kBefore);
  if (at == text.npos) return "";
  const auto rest = text.substr(at + kBefore.size());
  return std::string(rest.substr(0, rest.find(' ')));
}

// An earlier call may have been taken without our hearing of it: then the atServer knows the names,
// and says under which id. Otherwise it is over for good, and so are its secrets.
Result<std::string> judge_refusal(const Work& work, Error refusal) {
  auto id = id_that_exists(refusal);
  if (work.is_resumed && !id.empty()) return id;
  if (!work.is_resumed && work.connection->is_open()) drop_pending(work);
  auto error = std::move(refusal).during("asking for the enrolment");
  if (is_taken(error)) {
    return fail(Error(error).hint("choose another --device, or have that enrolment denied first"));
  }
  return fail(Error(error).hint("get a new passcode with at_activate otp, and run this again"));
}

asio::awaitable<Result<void>> submit(Work& work, HalfMade& half) {
  auto reached = co_await reach(work);
  if (!reached) co_return reached;
  auto owner = co_await owner_key(work);
  if (!owner) co_return fail(std::move(owner).error());
  auto wrapped = wrap_key(half.symmetric, *owner);
  if (!wrapped) co_return fail(std::move(wrapped).error());

  work.told.say("Submitting enrollment request");
  EnrolRequest wanted;
  wanted.app_name = half.app_name;
  wanted.device_name = half.device_name;
  wanted.namespaces = work.what.namespaces;
  wanted.passcode = work.what.passcode;
  wanted.wrapped_key = *wrapped;
  wanted.public_key = half.pkam.public_key().text();
  wanted.expiry = work.what.expiry;
  auto answer = co_await work.connection->ask(encode(wanted), net::in(kRequest));
  if (answer) {
    auto outcome = decode_outcome(*answer);
    if (!outcome) co_return fail(std::move(outcome).error());
    half.id = outcome->id;
  } else {
    auto id = judge_refusal(work, std::move(answer).error());
    if (!id) co_return fail(std::move(id).error());
    half.id = *std::move(id);
  }
  half.owner_key = owner->text();
  co_return save(half, work.pending);
}

// --- the approval -----------------------------------------------------------

Error over(const std::string& id, const char* how) {
  return Error(Errc::refused, Hop::atserver, "The enrollment: " + id + " is " + how)
      .hint("get a new passcode with at_activate otp, and enroll again");
}

std::string seconds(std::chrono::milliseconds span) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count());
}

asio::awaitable<Result<void>> log_in(Work& work, std::shared_ptr<const keys::Keys> keys) {
  auto reached = co_await reach(work);
  if (!reached) co_return reached;
  co_return co_await atclient::authenticate(*work.connection, work.what.self, std::move(keys),
                                            atclient::Refusals::json, net::in(kStep));
}

// Counts what has been tried, and decides what a failure means.
struct Patience {
  int unproven = 0;
  std::size_t failures = 0;
  std::chrono::milliseconds pause{};

  // How long to wait before the next look; or that there is none.
  Result<std::chrono::milliseconds> after(const Error& error, const Work& work,
                                          const std::string& id) {
    switch (standing(error)) {
      case Standing::pending:
        failures = 0;
        return pause = work.what.pause;
      case Standing::denied:
        return fail(over(id, "denied"));
      case Standing::revoked:
        return fail(over(id, "revoked"));
      case Standing::expired:
        return fail(over(id, "expired or unknown"));
      case Standing::unproven:
        if (++unproven >= kMostUnproven) return fail(error);
        return work.what.pause;
      case Standing::unknown:
        break;
    }
    if (work.what.retries && ++failures > *work.what.retries) return fail(error);
    pause = std::min(std::max(pause * 2, work.what.pause), work.what.longest_pause);
    log::info("activate", "the atServer cannot be asked", {{"error", error.what()}});
    return pause;
  }
};

asio::awaitable<Result<void>> wait_for_approval(Work& work, const HalfMade& half) {
  work.told.say("Waiting for approval; will check every " + seconds(work.what.pause) + " seconds");
  const auto keys = std::make_shared<const keys::Keys>(half.for_login());
  Patience patience;
  for (;;) {
    auto proven = co_await log_in(work, keys);
    if (proven) break;
    auto pause = patience.after(proven.error(), work, half.id);
    if (!pause) {
      if (pause.error().code() == Errc::refused) drop_pending(work);
      co_return fail(std::move(pause).error());
    }
    work.told.say("Checking ...  not approved. Will retry in " + seconds(*pause) + " seconds");
    co_await net::pause(*pause);
  }
  work.told.say("Checking ...  approved.");
  co_return Result<void>();
}

asio::awaitable<Result<crypto::Secret>> collect_one(Work& work, const HalfMade& half,
                                                    at::Keys which) {
  auto answer = co_await work.connection->ask(std::move(which), net::in(kStep));
  if (!answer) {
    co_return fail(std::move(answer).error().during("collecting what the approver left"));
  }
  co_return open_kept(*answer, half.symmetric);
}

asio::awaitable<Result<keys::Keys>> collect(Work& work, const HalfMade& half) {
  auto private_text = co_await collect_one(work, half, private_key_of(half.id, work.what.self));
  if (!private_text) co_return fail(std::move(private_text).error());
  auto self_text = co_await collect_one(work, half, self_key_of(half.id, work.what.self));
  if (!self_text) co_return fail(std::move(self_text).error());
  auto encryption = crypto::PrivateKey::parse(private_text->text());
  auto self = crypto::base64_decode_secret(self_text->text());
  if (!encryption || !self || self->size() != crypto::kAesKeySize) {
    co_return fail(Errc::bad_syntax, Hop::atserver, "what the approver left are no keys");
  }
  if (encryption->public_key().text() != half.owner_key) {
    co_return fail(Errc::bad_signature, Hop::atserver,
                   "the key that the approver left does not belong to the public key of " +
                       work.what.self.str());
  }
  co_return keys::Keys{half.pkam, *std::move(encryption), *std::move(self), half.symmetric.copy(),
                       half.id};
}

// Off the loop: a passphrase makes it slow.
asio::awaitable<Result<bool>> store(const Work& work, keys::Keys made) {
  const auto keys = std::make_shared<const keys::Keys>(std::move(made));
  std::function<Result<bool>()> write = [keys, self = work.what.self, path = work.what.key_file,
                                         passphrase = work.what.passphrase]() -> Result<bool> {
    keys::Saving how;
    how.passphrase = passphrase.get();
    auto saved = keys::save(*keys, self, path, how);
    if (!saved) return fail(std::move(saved).error());
    return true;
  };
  co_return co_await net::offload<bool>(std::move(write));
}

}  // namespace

asio::awaitable<Result<std::string>> enroll(Enrolling what, EnrolTold told) {
  atclient::Login login(what.directory, what.tls, what.self, nullptr);
  auto pending = pending_path(what.key_file);
  Work work{std::move(what), std::move(told), std::move(pending), std::move(login)};
  if (is_there(work.what.key_file)) co_return already(work);

  auto half = Result<HalfMade>(fail(Errc::io, "not begun"));
  if (is_there(work.pending)) {
    half = resume(work);
  } else {
    half = co_await begin(work);
  }
  if (!half) co_return fail(std::move(half).error());
  if (half->id.empty()) {
    auto submitted = co_await submit(work, *half);
    if (!submitted) co_return fail(std::move(submitted).error());
  } else {
    work.told.say("Going on with the enrolment in " + work.pending.string());
  }
  work.told.submitted(half->id, check_code(half->symmetric, half->id));

  auto approved = co_await wait_for_approval(work, *half);
  if (!approved) co_return fail(std::move(approved).error());
  work.told.say("Creating atKeys file");
  auto keys = co_await collect(work, *half);
  if (!keys) co_return fail(std::move(keys).error());
  work.connection->close();
  auto stored = co_await store(work, *std::move(keys));
  if (!stored) co_return fail(std::move(stored).error());
  drop_pending(work);
  co_return half->id;
}

}  // namespace noports::activate
