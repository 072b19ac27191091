// SPDX-License-Identifier: BSD-3-Clause
// The text of a key file. Where it lies and how it gets there: keyfile_store.cpp.
#include "noports/keys/keyfile.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "noports/base/json_depth.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::keys {
namespace {

using crypto::PrivateKey;
using crypto::Secret;

// Memory that is wiped when it is given back: the JSON of a key file is made of keys.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    crypto::wipe(std::as_writable_bytes(std::span(memory, count)));
    std::allocator<T>().deallocate(memory, count);
  }
  bool operator==(const WipingAllocator&) const noexcept { return true; }
};
using Text = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;
using Json = nlohmann::basic_json<std::map, std::vector, Text, bool, std::int64_t, std::uint64_t,
                                  double, WipingAllocator>;

constexpr std::string_view kSelfKey = "selfEncryptionKey";
constexpr std::string_view kApkamSymmetricKey = "apkamSymmetricKey";
constexpr std::string_view kEnrollmentId = "enrollmentId";

Unexpected bad(std::string_view member, std::string_view why) {
  return fail(Errc::bad_syntax, std::string(member).append(" ").append(why));
}

// The member as it is written, or else in other capitals: C compares that way (1.4).
const Json* find(const Json& file, std::string_view member) {
  const auto exact = file.find(Text(member));
  if (exact != file.end()) return &*exact;
  for (const auto& [name, value] : file.items()) {
    if (lower(name) == lower(member)) return &value;
  }
  return nullptr;
}

// Nothing for a member that is missing, null or empty, in the spelling of any writer (1.5, 1.9).
Result<std::optional<std::string_view>> optional_text(const Json& file, std::string_view member) {
  const Json* value = find(file, member);
  if (value == nullptr || value->is_null()) return std::optional<std::string_view>();
  if (!value->is_string()) return bad(member, "is no string");
  const std::string_view text = value->get_ref<const Text&>();
  if (text.empty() || text == "null") return std::optional<std::string_view>();
  return std::optional(text);
}

Result<std::string_view> text_of(const Json& file, std::string_view member) {
  auto text = optional_text(file, member);
  if (!text) return fail(std::move(text).error());
  if (!*text) return bad(member, "is missing");
  return **text;
}

Result<Secret> symmetric_key(std::string_view member, std::string_view text) {
  auto key = crypto::base64_decode_secret(text);
  if (!key || key->size() != crypto::kAesKeySize) return bad(member, "is not base64 of 32 bytes");
  return key;
}

// The text of a member that is encrypted with the self key (1.2).
Result<Secret> open_member(const Json& file, std::string_view member, const Secret& self) {
  auto text = text_of(file, member);
  if (!text) return fail(std::move(text).error());
  auto bytes = crypto::base64_decode(*text);
  if (!bytes) return bad(member, "is not base64");
  auto opened = crypto::decrypt_value(self.bytes(), crypto::kZeroIv, *bytes);
  if (!opened) return bad(member, "cannot be decrypted with selfEncryptionKey");
  return opened;
}

// "Pkam" or "Encrypt": both halves, which must belong together and work.
Result<PrivateKey> open_pair(const Json& file, const std::string& which, const Secret& self) {
  const auto private_member = "aes" + which + "PrivateKey";
  const auto public_member = "aes" + which + "PublicKey";
  auto private_text = open_member(file, private_member, self);
  if (!private_text) return fail(std::move(private_text).error());
  auto public_text = open_member(file, public_member, self);
  if (!public_text) return fail(std::move(public_text).error());

  auto key = PrivateKey::parse(private_text->text());
  if (!key) return fail(std::move(key).error().during(private_member));
  if (trim(public_text->text()) != key->public_key().text()) {
    return bad(public_member, "does not belong to " + private_member);
  }
  // One flipped bit of a private exponent would otherwise show as "authentication rejected".
  constexpr std::string_view kProbe = "probe";
  const auto signature = key->sign(kProbe);
  if (!signature || !key->public_key().verify(kProbe, *signature)) {
    return bad(private_member, "is damaged");
  }
  return key;
}

Result<std::optional<Secret>> open_apkam_symmetric(const Json& file) {
  auto text = optional_text(file, kApkamSymmetricKey);
  if (!text) return fail(std::move(text).error());
  if (!*text) return std::optional<Secret>();
  auto key = symmetric_key(kApkamSymmetricKey, **text);
  if (!key) return fail(std::move(key).error());
  return std::optional(*std::move(key));
}

// The id becomes a part of commands, between colons: letters, digits, '-', '_' and '.' only. A UUID
// is usual.
Result<std::optional<std::string>> open_enrollment_id(const Json& file) {
  constexpr std::size_t kMaxId = 128;
  auto text = optional_text(file, kEnrollmentId);
  if (!text) return fail(std::move(text).error());
  if (!*text) return std::optional<std::string>();
  const bool sound = (*text)->size() <= kMaxId && std::ranges::all_of(**text, [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
                     });
  if (!sound) return bad(kEnrollmentId, "is no enrolment id");
  return std::optional(std::string(**text));
}

bool is_known(std::string_view member) {
  constexpr std::string_view kKnown[] = {
      "aespkampublickey",  "aespkamprivatekey", "aesencryptpublickey", "aesencryptprivatekey",
      "selfencryptionkey", "apkamsymmetrickey", "enrollmentid"};
  return member.starts_with('@') || std::ranges::find(kKnown, lower(member)) != std::end(kKnown);
}

// All that encode() would not write of its own accord (1.8, 1.9).
Secret unknown_members(const Json& file) {
  Json unknown = Json::object();
  for (const auto& [name, value] : file.items()) {
    if (!is_known(name)) unknown[name] = value;
  }
  if (unknown.empty()) return Secret();
  const Text text = unknown.dump();
  return Secret(std::string_view(text));
}

Result<Keys> read_keys(const Json& file) {
  auto self_text = text_of(file, kSelfKey);
  if (!self_text) return fail(std::move(self_text).error());
  auto self = symmetric_key(kSelfKey, *self_text);
  if (!self) return fail(std::move(self).error());
  auto pkam = open_pair(file, "Pkam", *self);
  if (!pkam) return fail(std::move(pkam).error());
  auto encryption = open_pair(file, "Encrypt", *self);
  if (!encryption) return fail(std::move(encryption).error());
  auto apkam_symmetric = open_apkam_symmetric(file);
  if (!apkam_symmetric) return fail(std::move(apkam_symmetric).error());
  auto enrollment_id = open_enrollment_id(file);
  if (!enrollment_id) return fail(std::move(enrollment_id).error());
  return Keys{*std::move(pkam),          *std::move(encryption),
              *std::move(self),          *std::move(apkam_symmetric),
              *std::move(enrollment_id), unknown_members(file)};
}

Result<Json> parse(std::string_view text) {
  if (text.size() > kMaxKeyFile) return fail(Errc::bad_syntax, "longer than 1 MiB");
  take(text, "\xef\xbb\xbf");
  if (trim(text).empty()) return fail(Errc::bad_syntax, "the key file is empty");
  if (!is_shallow_json(text)) return fail(Errc::bad_syntax, "nested too deeply");
  auto file = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return fail(Errc::bad_syntax, "not a JSON object");
  return file;
}

bool is_envelope(const Json& file) { return file.contains("iv"); }

// The members of the file itself, out of its envelope if it has one.
Result<Json> unwrap(std::string_view text, const Secret* passphrase) {
  auto file = parse(text);
  if (!file || !is_envelope(*file)) return file;
  auto envelope = decode_envelope(text);
  if (!envelope) return fail(std::move(envelope).error());
  if (passphrase == nullptr) {
    return fail(Errc::config, "the key file is protected with a passphrase, and none was given");
  }
  auto opened = open(*envelope, *passphrase);
  if (!opened) return fail(std::move(opened).error());
  auto inner = parse(opened->text());
  // One wrong passphrase in 256 leaves a padding that looks right, and garbage before it.
  if (!inner) return fail(Errc::config, std::string(kWrongPassphrase));
  if (is_envelope(*inner)) return fail(Errc::bad_syntax, "an envelope inside an envelope");
  return inner;
}

// Whether the file names nobody, or the owner among others. Typed documents name him in "atsign".
bool may_belong_to(const Json& file, const at::Atsign& owner) {
  bool names_somebody = false;
  const auto is_owner = [&](std::string_view name) {
    names_somebody = true;
    const auto atsign = at::Atsign::parse(name);
    return atsign && *atsign == owner;
  };
  for (const auto& [name, value] : file.items()) {
    if (name.starts_with('@') && is_owner(name)) return true;
  }
  const auto typed = file.find("atsign");
  const bool is_named = typed != file.end() && typed->is_string();
  if (is_named && is_owner(typed->get_ref<const Text&>())) return true;
  return !names_somebody;
}

// The text of one key, encrypted with the self key: the same for the same keys, by the zero IV.
std::string obscured(std::string_view text, const Secret& self) {
  return crypto::base64(crypto::encrypt_value(self.bytes(), crypto::kZeroIv, text).value());
}

std::string escaped(std::string_view text) {
  const auto quoted = Json(Text(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  return std::string(std::string_view(quoted).substr(1, quoted.size() - 2));
}

// One JSON object of texts, in the order of adding.
class Writer {
 public:
  // Both as they stand between the quotes.
  void add(std::string_view member, std::string_view value) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_.append(member).append("\":\"").append(value).append("\"");
  }
  // The members of an object that is not empty; nothing for no object.
  void add_all(std::string_view object) {
    if (!object.empty()) text_.append(",").append(object.substr(1, object.size() - 2));
  }
  Secret finish() {
    text_ += '}';
    return Secret(std::string_view(text_));
  }

 private:
  Text text_;
};

}  // namespace

Secret encode(const Keys& keys, const at::Atsign& owner) {
  const auto& self = keys.self_encryption;
  const auto self_text = crypto::base64_secret(self.bytes());
  Writer file;
  file.add("aesPkamPublicKey", obscured(keys.pkam.public_key().text(), self));
  file.add("aesEncryptPublicKey", obscured(keys.encryption.public_key().text(), self));
  file.add("aesEncryptPrivateKey", obscured(keys.encryption.text().text(), self));
  file.add(kSelfKey, self_text.text());
  file.add(escaped(owner.str()), self_text.text());
  if (keys.apkam_symmetric) {
    file.add(kApkamSymmetricKey, crypto::base64_secret(keys.apkam_symmetric->bytes()).text());
  }
  if (keys.enrollment_id) file.add(kEnrollmentId, escaped(*keys.enrollment_id));
  file.add("aesPkamPrivateKey", obscured(keys.pkam.text().text(), self));
  file.add_all(keys.unknown.text());
  return file.finish();
}

bool is_under_passphrase(std::string_view json) {
  const auto file = parse(json);
  return file && is_envelope(*file);
}

Result<Keys> decode(std::string_view json, const Secret* passphrase) {
  auto file = unwrap(json, passphrase);
  if (!file) return fail(std::move(file).error());
  return read_keys(*file);
}

Result<Keys> decode(std::string_view json, const at::Atsign& owner, const Secret* passphrase) {
  auto file = unwrap(json, passphrase);
  if (!file) return fail(std::move(file).error());
  if (!may_belong_to(*file, owner)) {
    return fail(Errc::bad_syntax, "these are not the keys of " + owner.str());
  }
  return read_keys(*file);
}

}  // namespace noports::keys
