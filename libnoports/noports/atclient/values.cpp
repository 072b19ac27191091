// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/values.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"

namespace noports::atclient {

namespace {

using nlohmann::json;

constexpr std::string_view kEncAlgo = "AES/SIC/PKCS7Padding";
constexpr std::string_view kSkeEncAlgo = "RSA";

// The catch-up form says the text "null" for what is absent (atprotocol-wire.md 3.14).
std::optional<std::string> text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  auto text = found->get<std::string>();
  if (text == "null") return std::nullopt;
  return text;
}

Unexpected unreadable() { return fail(Errc::bad_syntax, "the value cannot be decrypted"); }

bool is_other(const std::optional<std::string>& algorithm, std::string_view ours) {
  return algorithm && !algorithm->empty() && *algorithm != ours;
}

}  // namespace

Result<Sealed> seal(const crypto::Secret& key, std::string_view text) {
  if (text.empty()) return fail(Errc::bad_syntax, "an empty value cannot be sent");
  const auto iv = crypto::random_bytes(crypto::kAesIvSize);
  auto bytes = crypto::encrypt_value(key.bytes(), iv, text);
  if (!bytes) return fail(std::move(bytes).error());
  return Sealed{crypto::base64(*bytes), crypto::base64(iv)};
}

Result<std::string> unseal(const crypto::Secret& key, std::string_view value,
                           const std::optional<std::string>& iv) {
  auto nonce = iv ? crypto::base64_decode(*iv) : std::string(crypto::kAesIvSize, '\0');
  auto bytes = crypto::base64_decode(value);
  if (!nonce || nonce->empty() || nonce->size() > crypto::kAesIvSize || !bytes) return unreadable();
  auto text = crypto::decrypt_value(key.bytes(), *nonce, *bytes);
  if (!text) return unreadable();
  return std::string(text->text());
}

Sealing sealing_of(const at::Notification& notification) {
  return Sealing{notification.is_encrypted, notification.iv_nonce,       notification.enc_algo,
                 notification.ske_enc_algo, notification.shared_key_enc, notification.pub_key_cs};
}

Result<void> check(const Sealing& sealing, bool may_be_undeclared) {
  // The C library stores ciphertext without saying so (atprotocol-wire.md 3.10).
  if (sealing.is_encrypted == false && !may_be_undeclared) {
    return fail(Errc::refused, "it is plain text");
  }
  if (is_other(sealing.enc_algo, kEncAlgo) || is_other(sealing.ske_enc_algo, kSkeEncAlgo)) {
    return fail(Errc::refused, "it is encrypted in a way that is not known here");
  }
  return {};
}

Result<StoredRecord> decode_record(std::string_view text) {
  const auto all = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return fail(Errc::bad_syntax, "the atServer's record cannot be read");
  StoredRecord record;
  const auto data = all.find("data");
  if (data != all.end() && data->is_string()) record.data = data->get<std::string>();
  const auto metadata = all.find("metaData");
  if (metadata == all.end() || !metadata->is_object()) return record;
  const auto encrypted = metadata->find("isEncrypted");
  if (encrypted != metadata->end() && encrypted->is_boolean()) {
    record.sealing.is_encrypted = encrypted->get<bool>();
  }
  record.sealing.iv = text_member(*metadata, "ivNonce");
  record.sealing.enc_algo = text_member(*metadata, "encAlgo");
  record.sealing.ske_enc_algo = text_member(*metadata, "skeEncAlgo");
  record.sealing.shared_key_enc = text_member(*metadata, "sharedKeyEnc");
  record.sealing.pub_key_cs = text_member(*metadata, "pubKeyCS");
  return record;
}

std::string encode(const StoredRecord& record) {
  json metadata = json::object();
  const auto put = [&](const char* name, const std::optional<std::string>& text) {
    if (text) metadata[name] = *text;
  };
  if (record.sealing.is_encrypted) metadata["isEncrypted"] = *record.sealing.is_encrypted;
  put("ivNonce", record.sealing.iv);
  put("encAlgo", record.sealing.enc_algo);
  put("skeEncAlgo", record.sealing.ske_enc_algo);
  put("sharedKeyEnc", record.sealing.shared_key_enc);
  put("pubKeyCS", record.sealing.pub_key_cs);
  json all = json::object();
  if (record.data) all["data"] = *record.data;
  all["metaData"] = std::move(metadata);
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<std::string>> decode_keys(std::string_view text) {
  const auto array = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!array.is_array()) return fail(Errc::bad_syntax, "the atServer's list cannot be read");
  std::vector<std::string> keys;
  for (const auto& one : array) {
    if (!one.is_string()) return fail(Errc::bad_syntax, "the atServer's list holds no key names");
    keys.push_back(one.get<std::string>());
  }
  return keys;
}

}  // namespace noports::atclient
