// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/passphrase_envelope.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/keys/keyfile.hpp"

namespace noports::keys {
namespace {

using crypto::Argon2Cost;
using crypto::Secret;
// Not the ordered one: its look-up is linear, and a hostile file has very many members.
using Json = nlohmann::json;

constexpr std::string_view kHash = "argon2id";
constexpr Argon2Cost kCostOfV0{10000, 2, 2};
constexpr Argon2Cost kCostOfV1{19456, 2, 1};  // what at_auth 4 writes
constexpr std::size_t kShortestSalt = 8;      // RFC 9106, 3.1
constexpr std::size_t kLongestSalt = 64;      // four times the usual one

Unexpected bad(const std::string& why) {
  return fail(Errc::bad_syntax, "the passphrase envelope: " + why);
}

Result<std::string> bytes_of(const Json& file, const std::string& member) {
  const auto found = file.find(member);
  if (found == file.end()) return bad(member + " is missing");
  if (!found->is_string()) return bad(member + " is no string");
  auto bytes = crypto::base64_decode(found->get_ref<const std::string&>());
  if (!bytes) return bad(member + " is not base64");
  return bytes;
}

Result<std::uint64_t> number_of(const Json& costs, const std::string& member) {
  const auto found = costs.find(member);
  if (found == costs.end() || !found->is_number_unsigned()) {
    return bad(member + " is no positive integer");
  }
  return found->get<std::uint64_t>();
}

Result<Argon2Cost> cost_of(const Json& file) {
  const auto costs = file.find("kdfParams");
  if (costs == file.end() || !costs->is_object()) return bad("kdfParams are missing");
  auto memory = number_of(*costs, "memory");
  if (!memory) return fail(std::move(memory).error());
  auto passes = number_of(*costs, "iterations");
  if (!passes) return fail(std::move(passes).error());
  auto lanes = number_of(*costs, "parallelism");
  if (!lanes) return fail(std::move(lanes).error());
  const Argon2Cost cost{*memory, *passes, *lanes};
  if (auto good = crypto::check(cost); !good) return bad(good.error().what());
  return cost;
}

Result<EnvelopeForm> form_of(const Json& file) {
  const auto version = file.find("v");
  if (version == file.end()) return EnvelopeForm::v0;
  if (version->is_number_unsigned() && version->get<std::uint64_t>() == 1) return EnvelopeForm::v1;
  return bad("its version is not 1");
}

Result<void> check_hash(const Json& file) {
  const auto hash = file.find("hashingAlgoType");
  if (hash == file.end() || !hash->is_string()) return bad("hashingAlgoType is missing");
  const auto& name = hash->get_ref<const std::string&>();
  if (name == kHash) return {};
  return bad("its hash is " + printable(name, 20) + ", and only argon2id makes a key");
}

Result<Json> parse(std::string_view json) {
  if (json.size() > kMaxKeyFile) return bad("longer than 1 MiB");
  take(json, "\xef\xbb\xbf");
  if (!is_shallow_json(json)) return bad("nested too deeply");
  auto file = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return bad("not a JSON object");
  return file;
}

// The passphrase's UTF-16 code units, of each its low eight bits.
Secret salt_of_v0(std::string_view utf8) {
  Secret salt(utf8.size());  // never more units than bytes
  std::size_t size = 0;
  const auto add = [&](std::uint32_t unit) {
    salt.writable()[size++] = static_cast<std::byte>(unit & 0xff);
  };
  while (!utf8.empty()) {
    const auto first = static_cast<unsigned char>(utf8.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? first : first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
      point = point << 6 | (static_cast<unsigned char>(utf8[i]) & 0x3fu);
    }
    if (point >= 0x10000) {
      add((point - 0x10000) >> 10);  // of the leading surrogate, 0xd800 and this
      add(point);                    // of the trailing one
    } else {
      add(point);
    }
    utf8.remove_prefix(length);
  }
  salt.truncate(size);
  return salt;
}

Result<Secret> derive(const PassphraseEnvelope& envelope, const Secret& passphrase) {
  if (passphrase.empty()) return fail(Errc::config, "the passphrase is empty");
  if (!is_utf8(passphrase.text())) return fail(Errc::config, "the passphrase is no UTF-8");
  if (envelope.form == EnvelopeForm::v1) {
    return crypto::argon2id(passphrase, envelope.salt, envelope.cost);
  }
  const auto salt = salt_of_v0(passphrase.text());
  return crypto::argon2id(passphrase, salt.text(), envelope.cost);
}

}  // namespace

std::string encode(const PassphraseEnvelope& envelope) {
  nlohmann::ordered_json file;
  const bool is_v1 = envelope.form == EnvelopeForm::v1;
  if (is_v1) file["v"] = 1;
  file["content"] = crypto::base64(envelope.content);
  file["iv"] = crypto::base64(envelope.iv);
  file["hashingAlgoType"] = kHash;
  if (is_v1) {
    file["salt"] = crypto::base64(envelope.salt);
    file["kdfParams"] = {{"memory", envelope.cost.memory},
                         {"iterations", envelope.cost.passes},
                         {"parallelism", envelope.cost.lanes}};
  }
  return file.dump();
}

Result<PassphraseEnvelope> decode_envelope(std::string_view json) {
  auto file = parse(json);
  if (!file) return fail(std::move(file).error());
  auto form = form_of(*file);
  if (!form) return fail(std::move(form).error());
  if (auto good = check_hash(*file); !good) return fail(std::move(good).error());
  auto content = bytes_of(*file, "content");
  if (!content) return fail(std::move(content).error());
  auto iv = bytes_of(*file, "iv");
  if (!iv) return fail(std::move(iv).error());
  if (iv->size() != crypto::kAesIvSize) return bad("iv has not 16 bytes");
  PassphraseEnvelope envelope{*form, *std::move(content), *std::move(iv), {}, kCostOfV0};
  if (*form == EnvelopeForm::v0) return envelope;

  auto salt = bytes_of(*file, "salt");
  if (!salt) return fail(std::move(salt).error());
  if (salt->size() < kShortestSalt || salt->size() > kLongestSalt) {
    return bad("salt has not 8 to 64 bytes");
  }
  envelope.salt = *std::move(salt);
  auto cost = cost_of(*file);
  if (!cost) return fail(std::move(cost).error());
  envelope.cost = *cost;
  return envelope;
}

Result<Secret> open(const PassphraseEnvelope& envelope, const Secret& passphrase) {
  auto key = derive(envelope, passphrase);
  if (!key) return fail(std::move(key).error());
  auto text = crypto::decrypt_value(key->bytes(), envelope.iv, envelope.content);
  if (!text) return fail(Errc::config, std::string(kWrongPassphrase));
  return text;
}

Result<PassphraseEnvelope> seal(const Secret& text, const Secret& passphrase, EnvelopeForm form,
                                std::string_view iv, std::string_view salt) {
  const bool is_v1 = form == EnvelopeForm::v1;
  PassphraseEnvelope envelope{
      form, {}, std::string(iv), std::string(is_v1 ? salt : ""), is_v1 ? kCostOfV1 : kCostOfV0};
  auto key = derive(envelope, passphrase);
  if (!key) return fail(std::move(key).error());
  auto content = crypto::encrypt_value(key->bytes(), iv, text.text());
  if (!content) return fail(std::move(content).error());
  envelope.content = *std::move(content);
  return envelope;
}

}  // namespace noports::keys
