// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/passcodes.hpp"

#include "noports/base/text.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHIJKLMNPQRSTUVWXYZ";
constexpr std::size_t kLength = 8;
constexpr std::int64_t kOnceLife = 5LL * 60 * 1000;  // ms (5.5)

std::string hash_of(std::string_view passcode) {
  return crypto::hex(crypto::sha256("passcode:" + lower(passcode)));
}

std::string once_key(std::string_view passcode, std::string_view owner) {
  return "private:" + hash_of(passcode) + ".__otp" + std::string(owner);
}

std::string permanent_key(std::string_view owner) {
  return "private:spp.__otp" + std::string(owner);
}

std::string letters_of(const std::string& digest) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    number = number << 8 | static_cast<unsigned char>(digest[i]);
  }
  std::string text;
  for (std::size_t i = 0; i < kLength; ++i) {
    text += kAlphabet[number % kAlphabet.size()];
    number /= kAlphabet.size();
  }
  return text;
}

}  // namespace

std::string make_passcode(std::string_view random) {
  // Clients of old expect a digit; three of four tries have one, hence the digest of the digest.
  auto digest = crypto::sha256("one-time passcode:" + std::string(random));
  for (;;) {
    auto text = letters_of(digest);
    if (text.find_first_of("123456789") != text.npos) return text;
    digest = crypto::sha256(digest);
  }
}

void keep_passcode(Records& records, std::int64_t account, std::string_view owner,
                   std::string_view passcode, PasscodeKind kind, std::int64_t now,
                   std::optional<std::int64_t> life) {
  const bool once = kind == PasscodeKind::once;
  Record record;
  record.key = once ? once_key(passcode, owner) : permanent_key(owner);
  record.value = hash_of(passcode);
  record.created = record.updated = now;
  if (once && !life) life = kOnceLife;
  if (life) record.expires = now + *life;
  records.put(account, record);
}

std::optional<PasscodeKind> check_passcode(Records& records, std::int64_t account,
                                           std::string_view owner, std::string_view passcode,
                                           std::int64_t now) {
  const auto hash = hash_of(passcode);
  const auto matches = [&](const std::string& key) {
    const auto record = records.find(account, key);
    return record && record->is_alive(now) && record->value.size() == hash.size() &&
           crypto::equal(record->value, hash);
  };
  if (matches(permanent_key(owner))) return PasscodeKind::permanent;
  if (matches(once_key(passcode, owner))) return PasscodeKind::once;
  return std::nullopt;
}

void use_up_passcode(Records& records, std::int64_t account, std::string_view owner,
                     std::string_view passcode) {
  records.erase(account, once_key(passcode, owner));
}

}  // namespace noports::atserver
