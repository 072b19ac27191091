// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/administration.hpp"

#include "noports/atserver/certificates.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/join_desk.hpp"
#include "noports/atserver/membership.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/store.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/random.hpp"

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;

// 128 hexadecimal digits, used as text (atprotocol-wire.md 3.3).
crypto::Secret new_cram_secret() {
  auto raw = crypto::random_bytes(64);
  auto hex = crypto::hex(raw);
  crypto::Secret secret{std::string_view(hex)};
  crypto::wipe(raw);
  crypto::wipe(hex);
  return secret;
}

Error not_here(const at::Atsign& atsign) {
  return Error(Errc::not_found, atsign.str() + " is not on this platform")
      .hint("atplatform list shows the atSigns that are");
}

// Removes the atSign, and puts one of the same name and port in its place if there is a secret.
// One transaction; durable when it returns.
Result<void> replace(Store& store, const at::Atsign& atsign, const crypto::Secret* secret) {
  Database::Scope scope(store.database());
  const auto account = store.accounts.find(atsign);
  if (account) {
    store.accounts.remove(account->id);
    if (secret != nullptr) {
      store.put_new(atsign, *secret, wall_clock(), account->port);
    }
  }
  auto written = scope.finish();
  if (written) written = store.commit();
  if (!written) return written;
  if (!account) return fail(not_here(atsign));
  return {};
}

}  // namespace

Result<crypto::Secret> add_atsign(const fs::path& dir, const at::Atsign& atsign) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  auto secret = new_cram_secret();
  if (auto added = (*store)->add(atsign, secret, wall_clock()); !added) {
    return fail(std::move(added).error());
  }
  return secret;
}

Result<void> remove_atsign(const fs::path& dir, const at::Atsign& atsign) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  return replace(**store, atsign, nullptr);
}

Result<crypto::Secret> reset_atsign(const fs::path& dir, const at::Atsign& atsign) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  auto secret = new_cram_secret();
  if (auto done = replace(**store, atsign, &secret); !done) return fail(std::move(done).error());
  return secret;
}

Result<std::vector<Listed>> list_atsigns(const fs::path& dir) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  Database::Scope scope((*store)->database());
  std::vector<Listed> list;
  for (auto& account : (*store)->accounts.all()) {
    const auto key = "public:publickey" + account.atsign.str();
    const bool activated = (*store)->records.find(account.id, key).has_value();
    list.push_back(Listed{std::move(account.atsign), account.port, activated, {}});
  }
  for (auto& guest : (*store)->guests.all()) {
    list.push_back(Listed{std::move(guest.atsign), guest.place.port, true, guest.place.host});
  }
  if (auto read = scope.finish(); !read) return fail(std::move(read).error());
  return list;
}

Result<crypto::Secret> make_join_token(const fs::path& dir) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  std::error_code ignored;
  if (fs::exists(joined_authority(dir), ignored)) {
    return fail(
        Error(Errc::config, "this platform has joined another").hint("make the token on that one"));
  }
  std::string authority;
  Database::Scope scope((*store)->database());
  if ((*store)->accounts.setting(kIssuesCertificates).value_or("yes") == "yes") {
    auto pem = authority_pem(dir, std::chrono::system_clock::now());
    if (!pem) return fail(std::move(pem).error());
    authority = *std::move(pem);
  }
  const auto token = new_join_token(std::move(authority));
  (*store)->guests.add_token(token.id, join_secret_hash(token.secret.text()), wall_clock());
  auto written = scope.finish();
  if (written) written = (*store)->commit();
  if (!written) return fail(std::move(written).error());
  return encode_token_file(token);
}

Result<std::vector<KnownToken>> list_join_tokens(const fs::path& dir) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  Database::Scope scope((*store)->database());
  auto tokens = (*store)->guests.tokens();
  if (auto read = scope.finish(); !read) return fail(std::move(read).error());
  return tokens;
}

Result<void> revoke_join_token(const fs::path& dir, const std::string& id) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  Database::Scope scope((*store)->database());
  const bool was_there = (*store)->guests.remove_token(id);
  auto written = scope.finish();
  if (written) written = (*store)->commit();
  if (!written) return written;
  if (was_there) return {};
  return fail(Error(Errc::not_found, "there is no token " + printable(id))
                  .hint("atplatform join-token --list shows those that there are"));
}

Result<fs::path> find_authority(const fs::path& dir) {
  if (auto ready = ensure_private_folder(dir); !ready) return fail(std::move(ready).error());
  std::error_code ignored;
  if (fs::exists(joined_authority(dir), ignored)) return joined_authority(dir);
  return ensure_authority(dir, std::chrono::system_clock::now());
}

}  // namespace noports::atserver
