// SPDX-License-Identifier: BSD-3-Clause
#include "srv/secrets.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "common/environment.hpp"
#include "noports/bridge/auth_line.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/signing/door.hpp"

namespace noports::apps::srv {
namespace {

constexpr std::array<const char*, 14> kNames = {
    "RV_AUTH",
    "RV_AES",
    "RV_IV",
    "RV_AES_C2D",
    "RV_IV_C2D",
    "RV_AES_D2C",
    "RV_IV_D2C",
    "REMOTE_AUTH_ESCR_SESSION_ID",
    "REMOTE_AUTH_ESCR_AES_KEY",
    "REMOTE_AUTH_ESCR_PUB_KEY_URI",
    "REMOTE_AUTH_ESCR_SIGNING_PUBKEY",
    "REMOTE_AUTH_ESCR_SIGNING_PRIVKEY",
    "REMOTE_AUTH_ESCR_SIGNING_ALGO",
    "REMOTE_AUTH_ESCR_IS_SIDE_A",
};

// Text of a variable that `option` needs.
Result<std::string_view> text_of(const Secrets& secrets, const std::string& name,
                                 const char* option) {
  const auto found = secrets.find(name);
  if (found != secrets.end()) return found->second.text();
  return fail(Errc::config,
              std::string(option) + " required, but " + name + " is not in environment");
}

Unexpected unusable(const std::string& name, std::string_view want) {
  return fail(Errc::config, name + " in the environment is not " + std::string(want));
}

Result<crypto::Secret> decoded(const Secrets& secrets, const std::string& name, std::size_t size) {
  auto text = text_of(secrets, name, "--rv-e2ee");
  if (!text) return fail(std::move(text).error());
  auto bytes = crypto::base64_decode_secret(*text);
  if (!bytes || bytes->size() != size) {
    return unusable(name, "base64 of " + std::to_string(size) + " bytes");
  }
  return bytes;
}

Result<bridge::CtrKey> key_of(const Secrets& secrets, const std::string& suffix) {
  auto key = decoded(secrets, "RV_AES" + suffix, crypto::kAesKeySize);
  if (!key) return fail(std::move(key).error());
  auto iv = decoded(secrets, "RV_IV" + suffix, crypto::kAesIvSize);
  if (!iv) return fail(std::move(iv).error());
  return bridge::CtrKey{*std::move(key), *std::move(iv)};
}

Result<bridge::Protection> protection_of(const Options& options, const Secrets& secrets) {
  bridge::Protection protection;
  if (!options.encrypts) return protection;
  const bool is_named = secrets.contains("RV_AES_C2D") || secrets.contains("RV_AES_D2C");
  auto client_to_device = key_of(secrets, is_named ? "_C2D" : "");
  if (!client_to_device) return fail(std::move(client_to_device).error());
  protection.client_to_device = *std::move(client_to_device);
  protection.kind = bridge::Protection::Kind::ctr;
  if (!is_named) return protection;
  auto device_to_client = key_of(secrets, "_D2C");
  if (!device_to_client) return fail(std::move(device_to_client).error());
  protection.device_to_client = *std::move(device_to_client);
  protection.kind = bridge::Protection::Kind::ctr_twin;
  return protection;
}

Result<void> show_line(bridge::Leg& leg, const Secrets& secrets) {
  const auto line = text_of(secrets, "RV_AUTH", "--rv-auth");
  if (!line) return fail(line.error());
  if (line->find_first_of(std::string_view("\r\n\0", 3)) != line->npos) {
    return unusable("RV_AUTH", "one line");
  }
  leg.authenticate = bridge::auth_line(std::string(*line) + "\n");
  return {};
}

Result<proto::RelaySide> side_of(std::string_view text) {
  if (text == "true") return proto::RelaySide::client;
  if (text == "false") return proto::RelaySide::device;
  return unusable("REMOTE_AUTH_ESCR_IS_SIDE_A", "true or false");
}

Result<signing::OwnKey> signing_key(const Secrets& secrets) {
  const std::string prefix = "REMOTE_AUTH_ESCR_";
  const auto uri = text_of(secrets, prefix + "PUB_KEY_URI", "--rv-auth");
  if (!uri) return fail(uri.error());
  const auto text = text_of(secrets, prefix + "SIGNING_PRIVKEY", "--rv-auth");
  if (!text) return fail(text.error());
  auto record = proto::SigningKeyUri::parse(*uri);
  if (!record) return unusable(prefix + "PUB_KEY_URI", "the name of a signing key's record");
  auto key = crypto::PrivateKey::parse(*text);
  if (!key) return unusable(prefix + "SIGNING_PRIVKEY", "an RSA key in PKCS#8");
  const auto algorithm = secrets.find(prefix + "SIGNING_ALGO");
  if (algorithm != secrets.end() && algorithm->second.text() != "rsa2048") {
    return unusable(prefix + "SIGNING_ALGO", "rsa2048, the only algorithm of this program");
  }
  // What REMOTE_AUTH_ESCR_SIGNING_PUBKEY says follows from the private key.
  auto public_text = key->public_key().text();
  return signing::OwnKey{*std::move(record), std::move(public_text),
                         atclient::key_signer(*std::move(key))};
}

Result<void> answer_challenges(bridge::Leg& leg, const Secrets& secrets) {
  const std::string prefix = "REMOTE_AUTH_ESCR_";
  const auto id = text_of(secrets, prefix + "SESSION_ID", "--rv-auth");
  if (!id) return fail(id.error());
  const auto aes_key = text_of(secrets, prefix + "AES_KEY", "--rv-auth");
  if (!aes_key) return fail(aes_key.error());
  const auto is_side_a = text_of(secrets, prefix + "IS_SIDE_A", "--rv-auth");
  if (!is_side_a) return fail(is_side_a.error());
  auto session = proto::SessionId::parse(*id);
  if (!session) return unusable(prefix + "SESSION_ID", "a session's id");
  const auto side = side_of(*is_side_a);
  if (!side) return fail(side.error());
  auto key = signing_key(secrets);
  if (!key) return fail(std::move(key).error());
  auto set = signing::answer_challenges(leg, *std::move(key), *std::move(session), *side, *aes_key);
  if (!set) return unusable(prefix + "AES_KEY", "base64 of 32 bytes");
  return {};
}

}  // namespace

Secrets take_secrets() {
  Secrets secrets;
  for (const auto* name : kNames) {
    if (auto value = take_from_environment(name)) secrets.emplace(name, *std::move(value));
  }
  return secrets;
}

Result<bridge::Leg> make_leg(const Options& options, const Secrets& secrets) {
  bridge::Leg leg;
  leg.relay_host = options.host;
  leg.relay_port = options.port;
  auto protection = protection_of(options, secrets);
  if (!protection) return fail(std::move(protection).error());
  leg.protection = *std::move(protection);
  leg.authenticate = bridge::no_auth();
  if (!options.authenticates) return leg;
  const auto set = options.uses_escr ? answer_challenges(leg, secrets) : show_line(leg, secrets);
  if (!set) return fail(set.error());
  return leg;
}

}  // namespace noports::apps::srv
