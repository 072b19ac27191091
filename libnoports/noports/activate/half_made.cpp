// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/half_made.hpp"

#include <vector>

#include "noports/activate/enrolment.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/keys/keyfile.hpp"

namespace noports::activate {
namespace {

// Lines rather than JSON: no parser keeps copies of the keys in memory that nobody wipes.
constexpr std::string_view kTitle = "noports enrolment 1";
constexpr std::size_t kLines = 8;

Unexpected bad(const char* why) { return fail(Errc::bad_syntax, std::string(why)); }

}  // namespace

keys::Keys HalfMade::for_login() const {
  return keys::Keys{pkam, pkam, crypto::Secret(crypto::kAesKeySize), symmetric.copy(), id};
}

crypto::Secret encode(const HalfMade& half) {
  const auto pkam = half.pkam.text();
  const auto symmetric = crypto::base64_secret(half.symmetric.bytes());
  const std::string_view lines[kLines] = {kTitle,           half.self.str(), half.app_name,
                                          half.device_name, half.id,         half.owner_key,
                                          pkam.text(),      symmetric.text()};
  std::string text;
  std::size_t size = 0;
  for (const auto line : lines) size += line.size() + 1;
  text.reserve(size);  // so that it does not move, and leave copies
  for (const auto line : lines) text.append(line).push_back('\n');
  crypto::Secret secret{std::string_view(text)};
  crypto::wipe(text);
  return secret;
}

Result<HalfMade> decode_half_made(std::string_view text) {
  const auto lines = split(text, '\n');
  const bool is_one = lines.size() == kLines + 1 && lines[0] == kTitle && lines[kLines].empty();
  if (!is_one || !is_utf8(text)) return bad("it is no unfinished enrolment");
  auto self = at::Atsign::parse(lines[1]);
  if (!self) return fail(std::move(self).error());
  if (lines[2].empty() || lines[3].empty()) return bad("its names are missing");
  if (!lines[4].empty() && !is_enrolment_id(lines[4])) return bad("its id is malformed");
  if (!lines[5].empty() && !crypto::PublicKey::parse(lines[5])) return bad("its key is malformed");
  auto pkam = crypto::PrivateKey::parse(lines[6]);
  if (!pkam) return fail(std::move(pkam).error());
  auto symmetric = crypto::base64_decode_secret(lines[7]);
  if (!symmetric || symmetric->size() != crypto::kAesKeySize) return bad("its key is malformed");
  return HalfMade{*std::move(self),      std::string(lines[2]), std::string(lines[3]),
                  std::string(lines[4]), std::string(lines[5]), *std::move(pkam),
                  *std::move(symmetric)};
}

std::filesystem::path pending_path(const std::filesystem::path& key_file) {
  auto path = key_file;
  path += ".pending";
  return path;
}

Result<HalfMade> load_half_made(const std::filesystem::path& path, const at::Atsign& self) {
  const auto doing = "reading the unfinished enrolment in " + path.string();
  auto text = keys::load_private(path, self);
  if (!text) return fail(std::move(text).error().during(doing));
  auto half = decode_half_made(text->text());
  if (!half) return fail(Error(Errc::config, half.error().what()).during(doing));
  if (half->self != self) return fail(Error(Errc::config, "it is of another atSign").during(doing));
  return half;
}

Result<void> save(const HalfMade& half, const std::filesystem::path& path) {
  auto saved = keys::save_private(encode(half), path, /*replace=*/true);
  if (saved) return saved;
  return fail(
      std::move(saved).error().during("keeping the unfinished enrolment in " + path.string()));
}

}  // namespace noports::activate
