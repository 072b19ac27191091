// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/signing_key.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kPublic = "public:";
constexpr std::string_view kFront = "_apsk.";
constexpr std::string_view kBack = ".a.__e";
constexpr std::string_view kPrimary = "primary";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kLongestEnrolment = 64;      // bytes; ids are UUIDs
constexpr std::size_t kLongestRecord = 64 * 1024;  // bytes; what HTTP look-ups give at most
constexpr std::size_t kMostKeys = 64;              // in one record

bool is_enrolment_id(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kLongestEnrolment &&
         std::all_of(text.begin(), text.end(), allowed);
}

Unexpected no_uri() { return fail(Errc::bad_syntax, "this is no name of a signing key"); }
Unexpected no_record(const char* why) {
  return fail(Errc::bad_syntax, std::string("the record of signing keys: ") + why);
}
Unexpected does_not_fit(std::string why) {
  return fail(Errc::bad_signature, "the signature " + std::move(why));
}

std::optional<std::string> text_of(const nlohmann::json& entry, const char* member) {
  const auto found = entry.find(member);
  if (found == entry.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// Nothing for entries of later versions, other uses, and keys that count no more.
std::optional<SigningKey> read_entry(const nlohmann::json& entry) {
  if (!entry.is_object() || text_of(entry, "use") != "sign") return std::nullopt;
  const auto status = entry.find("status");
  const bool active = status == entry.end() || status->is_null() || *status == "active";
  const auto algorithm = signing_algorithm(text_of(entry, "alg").value_or(""));
  auto id = text_of(entry, "kid");
  auto key = text_of(entry, "pub");
  if (!active || !algorithm || !id || !key) return std::nullopt;
  return SigningKey{*std::move(id), *algorithm, *std::move(key)};
}

Result<std::vector<SigningKey>> read_list(std::string_view record) {
  if (!is_shallow_json(record)) return no_record("nested too deeply");
  const auto json = nlohmann::json::parse(record, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return no_record("no JSON");
  const auto list = json.find("keys");
  if (list == json.end() || !list->is_array()) return no_record("no list of keys");
  if (list->size() > kMostKeys) return no_record("too many keys");
  std::vector<SigningKey> keys;
  for (const auto& entry : *list) {
    if (auto key = read_entry(entry)) keys.push_back(*std::move(key));
  }
  if (keys.empty()) return no_record("no key in it can be used");
  return keys;
}

}  // namespace

Result<SigningKeyUri> SigningKeyUri::of(const at::Atsign& owner,
                                        const std::optional<std::string>& enrolment) {
  auto id = lower(enrolment.value_or(std::string(kPrimary)));
  if (!is_enrolment_id(id)) return no_uri();
  return SigningKeyUri(owner, std::move(id));
}

Result<SigningKeyUri> SigningKeyUri::parse(std::string_view text) {
  const std::string whole = lower(text);
  std::string_view rest = whole;
  if (rest.starts_with(kPublic)) rest.remove_prefix(kPublic.size());
  const auto at = rest.find('@');
  if (at == rest.npos) return no_uri();
  const auto name = rest.substr(0, at);
  if (!name.starts_with(kFront) || !name.ends_with(kBack)) return no_uri();
  const auto id = name.substr(kFront.size());
  if (id.size() < kBack.size() || !is_enrolment_id(id.substr(0, id.size() - kBack.size()))) {
    return no_uri();
  }
  const auto owner = at::Atsign::parse(rest.substr(at));
  // What is asked for is what was named, not what a careless reader makes of it.
  if (!owner || owner->str() != rest.substr(at)) return no_uri();
  return SigningKeyUri(*owner, std::string(id.substr(0, id.size() - kBack.size())));
}

at::Key SigningKeyUri::key() const {
  const auto name = std::string(kFront) + enrolment_ + std::string(kBack);
  return at::Key::open(*at::KeyName::parse(name), owner_);
}

std::string_view name(SigningAlgorithm algorithm) noexcept {
  return algorithm == SigningAlgorithm::rsa2048 ? "rsa2048" : "mldsa65";
}

std::optional<SigningAlgorithm> signing_algorithm(std::string_view text) noexcept {
  for (const auto one : {SigningAlgorithm::rsa2048, SigningAlgorithm::mldsa65}) {
    if (text == name(one)) return one;
  }
  return std::nullopt;
}

Result<std::string> signing_key_id(std::string_view base64_key) {
  const auto bytes = crypto::base64_decode(base64_key);
  if (!bytes) return fail(bytes.error());
  return crypto::hex(crypto::sha256(*bytes).substr(0, kIdBytes));
}

Result<std::vector<SigningKey>> decode_signing_keys(std::string_view record) {
  if (record.size() > kLongestRecord) return no_record("too long");
  const auto text = trim(record);
  if (text.starts_with('{')) return read_list(text);
  const auto key = crypto::PublicKey::parse(text);
  if (!key) return no_record("neither a key nor a list of keys");
  auto id = signing_key_id(text);
  if (!id) return fail(std::move(id).error());
  return std::vector<SigningKey>{{*std::move(id), SigningAlgorithm::rsa2048, key->text()}};
}

Result<crypto::PublicKey> choose_signing_key(const std::vector<SigningKey>& offered,
                                             SigningAlgorithm algorithm,
                                             const std::optional<std::string>& id) {
  const SigningKey* chosen = nullptr;
  for (const auto& key : offered) {
    if (key.algorithm > algorithm) {
      return does_not_fit("is of " + std::string(name(algorithm)) + ", but its maker offers " +
                          std::string(name(key.algorithm)));
    }
    if (key.algorithm != algorithm || (id && key.id != *id)) continue;
    if (chosen != nullptr) return does_not_fit("does not say which key it is of");
    chosen = &key;
  }
  if (chosen == nullptr) return does_not_fit("is of a key that its maker does not offer");
  if (algorithm != SigningAlgorithm::rsa2048) {
    return does_not_fit("is of " + std::string(name(algorithm)) +
                        ", which this program cannot check");
  }
  return crypto::PublicKey::parse(chosen->key);
}

}  // namespace noports::proto
