// SPDX-License-Identifier: BSD-3-Clause
// Who is there: from, cram, pkam; and noop (atprotocol-wire.md 3.2-3.4, 3.15).
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "noports/atserver/reach.hpp"
#include "noports/atserver/verbs.hpp"
#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/p256.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {
namespace {

constexpr std::int64_t kChallengeLife = 60'000;    // ms
constexpr int kMostFailures = 5;                   // then the connection is closed
constexpr std::size_t kLongestConfig = 64 * 1024;  // bytes; of a clientConfig, usually 100
constexpr std::uint32_t kLongestNoop = 5'000;      // ms

// Clients above this version understand errors in JSON.
constexpr std::array<std::uint64_t, 3> kLastTextVersion = {3, 0, 37};

// "3.3.0", "3.0.38-beta"; nothing for what is no such text.
std::optional<std::array<std::uint64_t, 3>> parse_version(std::string_view text) {
  const auto parts = split(text.substr(0, text.find_first_of("-+")), '.');
  std::array<std::uint64_t, 3> version{};
  if (parts.size() != version.size()) return std::nullopt;
  for (std::size_t i = 0; i < version.size(); ++i) {
    const auto number = parse_number(parts[i]);
    if (!number) return std::nullopt;
    version[i] = *number;
  }
  return version;
}

// Whether a clientConfig asks for errors in JSON; nothing when it is no JSON object.
std::optional<bool> wants_json(const std::string& client_config) {
  if (client_config.size() > kLongestConfig || !is_shallow_json(client_config)) {
    return std::nullopt;
  }
  const auto config = nlohmann::json::parse(client_config, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) return std::nullopt;
  const auto version = config.find("version");
  if (version == config.end() || !version->is_string()) return false;
  const auto parsed = parse_version(version->get_ref<const std::string&>());
  return parsed && *parsed > kLastTextVersion;
}

// One for pol is not for the owner.
std::optional<std::string> use_own_challenge(Turn& turn) {
  if (turn.state.claimed) return std::nullopt;
  return use_challenge(turn);
}

Reply no_challenge(const Turn& turn) {
  return Reply::refuse(
      "AT0015", "private:" + turn.state.id + turn.self().str() + " does not exist in keystore");
}

// Says whether the signature of `verb` by this key signs a challenge. Nothing for an algorithm that
// this server has not (of those that the verb can name: mldsa65), and for what has not even the
// form of a signature by the key: that is no attempt to answer the challenge, which stays good
// (8.2).
std::function<bool(std::string_view)> proof_in(const at::Pkam& verb, const std::string& key_text) {
  const auto bytes = crypto::base64_decode(verb.signature);
  if (!bytes) return nullptr;
  if (verb.signing_algo == "ecc_secp256r1") {
    const auto key = crypto::P256PublicKey::parse(key_text);
    const auto signature = crypto::p256_signature(*bytes);
    if (!key || !signature) return nullptr;
    return [key = *key, signature = *signature](std::string_view challenge) {
      return key.verify(challenge, signature);
    };
  }
  const auto key = crypto::PublicKey::parse(key_text);
  const bool fits = key && bytes->size() * 8 == static_cast<std::size_t>(key->bits());
  if (verb.signing_algo != "rsa2048" || !fits) return nullptr;
  const auto hash = verb.hashing_algo == "sha512" ? crypto::Hash::sha512 : crypto::Hash::sha256;
  return [key = *key, signature = *bytes, hash](std::string_view challenge) {
    return key.verify(challenge, signature, hash);
  };
}

void succeed(Turn& turn, bool by_cram, std::optional<std::string> enrollment) {
  auto& state = turn.state;
  state.is_owner = true;
  state.by_cram = by_cram;
  state.enrollment = std::move(enrollment);
  state.failures = 0;
  state.peer.reset();
  auto& visits = turn.store.visits[turn.account()];
  visits.login = turn.moment.now;
  if (!by_cram) visits.pkam = turn.moment.now;
}

}  // namespace

std::optional<std::string> use_challenge(Turn& turn) {
  auto challenge = std::exchange(turn.state.challenge, std::nullopt);
  const auto age = turn.moment.now - turn.state.challenged;
  if (age < 0 || age >= kChallengeLife) return std::nullopt;
  return challenge;
}

void lose_standing(Turn& turn) {
  auto& state = turn.state;
  state.is_owner = false;
  state.by_cram = false;
  state.enrollment.reset();
  state.grant.reset();
  state.monitor.reset();
  state.peer.reset();
}

bool is_last_failure(Turn& turn) { return ++turn.state.failures >= kMostFailures; }

Reply fail_attempt(Turn& turn, std::string text) {
  lose_standing(turn);
  turn.outcome.wait =
      turn.store.proof_guesses.wrong(turn.account(), turn.moment.network, turn.moment.now);
  return is_last_failure(turn) ? Reply::refuse_and_close("AT0401", std::move(text))
                               : Reply::refuse("AT0401", std::move(text));
}

Reply missing(const std::string& key) {
  return Reply::refuse("AT0015", key + " does not exist in keystore");
}

Reply run(Turn& turn, const at::From& verb) {
  auto& state = turn.state;
  if (verb.client_config) {
    const auto json = wants_json(*verb.client_config);
    if (!json)
      return Reply::refuse("AT0003",
                           "Invalid syntax. clientConfig: want a JSON object, not long or deep");
    state.json_errors = *json;
  }
  if (!may_reach(turn.store.records, state.account, verb.who)) {
    return Reply::refuse_and_close("AT0013", "Unable to connect");
  }
  const std::string challenge = state.id + verb.who.str() + ":" + turn.moment.uuid;
  state.challenged = turn.moment.now;
  state.claimed.reset();
  if (verb.who != turn.self()) {
    turn.store.visits[turn.account()].atsigns.note(verb.who.str());
    state.claimed = verb.who;
    state.challenge = turn.moment.uuid;
    return Reply::data("proof:" + challenge);
  }
  state.challenge = challenge;
  return Reply::data(challenge);
}

Reply run(Turn& turn, const at::Cram& verb) {
  const std::string key = "privatekey:at_secret";
  auto record = turn.store.records.find(turn.account(), key);
  if (!record) return missing(key);
  const crypto::Secret secret(record->value);
  crypto::wipe(record->value);
  const auto challenge = use_own_challenge(turn);
  if (!challenge) return no_challenge(turn);
  const auto expected = crypto::cram_digest(secret.text(), *challenge);
  const bool good = verb.digest.size() == expected.size() && crypto::equal(verb.digest, expected);
  if (!good) return fail_attempt(turn, "Authentication Failed");
  succeed(turn, true, std::nullopt);
  return Reply::data("success");
}

Reply run(Turn& turn, const at::Pkam& verb) {
  static const std::string kFailed = "pkam authentication failed";
  std::string key_text;
  if (verb.enrollment_id) {
    auto key = enrolled_key(turn, *verb.enrollment_id);
    if (auto* reply = std::get_if<Reply>(&key)) return *std::move(reply);
    key_text = std::get<std::string>(std::move(key));
  } else {
    const std::string name = "privatekey:at_pkam_publickey";
    auto record = turn.store.records.find(turn.account(), name);
    if (!record) return missing(name);
    key_text = std::move(record->value);
  }
  if (!turn.state.challenge || turn.state.claimed) return no_challenge(turn);
  const auto signs = proof_in(verb, key_text);
  if (!signs) return fail_attempt(turn, kFailed);
  const auto challenge = use_own_challenge(turn);
  if (!challenge) return no_challenge(turn);
  if (!signs(*challenge)) return fail_attempt(turn, kFailed);
  succeed(turn, false, verb.enrollment_id);
  return Reply::data("success");
}

Reply run(Turn& turn, const at::Noop& verb) {
  if (verb.milliseconds > kLongestNoop) {
    return Reply::refuse("AT0022",
                         "noop:<durationInMillis> where the duration maximum is 5000 milliseconds");
  }
  turn.outcome.wait = std::chrono::milliseconds(verb.milliseconds);
  return Reply::data("ok");
}

}  // namespace noports::atserver
