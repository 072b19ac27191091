// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/certificates.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "noports/atserver/files.hpp"
#include "noports/atserver/x509.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using x509::Time;

constexpr hours kDay{24};
constexpr hours kAuthorityLife = 3650 * kDay;
constexpr hours kServerLife = 397 * kDay;  // what browsers and systems accept at most
constexpr hours kGuestLife = 90 * kDay;    // of guests, who cannot be told that theirs is withdrawn
constexpr hours kSkew{1};                  // of a client's clock behind ours

struct Authority {
  x509::Certificate certificate;
  x509::Key key;
};

fs::path ca_file(const fs::path& folder) { return folder / "ca.pem"; }
fs::path ca_key_file(const fs::path& folder) { return folder / "ca.key"; }

Result<Authority> make_authority(const fs::path& folder, Time now) {
  auto key = x509::new_key();
  if (!key) return fail(std::move(key).error());
  x509::Wish wish;
  // Two platforms must not be mistaken for each other in one trust store.
  wish.common_name = "NoPorts platform CA " + crypto::random_nonce().substr(0, 8);
  wish.key = key->get();
  wish.from = now - kSkew;
  wish.until = now + kAuthorityLife;
  wish.extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                     {NID_key_usage, "critical,keyCertSign,cRLSign"},
                     {NID_subject_key_identifier, "hash"}};
  auto certificate = x509::issue(wish, nullptr, key->get());
  if (!certificate) return fail(std::move(certificate).error());
  // The key first: a certificate without its key would be taken for an authority.
  auto written = write_whole(ca_key_file(folder), x509::pem(key->get()).text(), 0600);
  if (written) written = write_whole(ca_file(folder), x509::pem(certificate->get()), 0644);
  if (!written) return fail(std::move(written).error());
  return Authority{*std::move(certificate), *std::move(key)};
}

// With the lock held.
Result<Authority> authority(const fs::path& folder, Time now) {
  auto certificate = x509::load_certificate(ca_file(folder));
  if (!certificate) {
    if (certificate.error().code() == Errc::not_found) return make_authority(folder, now);
    return fail(std::move(certificate).error());
  }
  auto key = x509::load_key(ca_key_file(folder));
  if (!key) return fail(std::move(key).error());
  if (!x509::is_of(certificate->get(), key->get()) || !x509::is_valid_at(certificate->get(), now)) {
    return fail(Error(Errc::config, ca_file(folder).string() + " is not usable: it has expired, "
                                                               "or ca.key is not its key")
                    .hint("remove ca.pem and ca.key, and give clients the new ca.pem"));
  }
  return Authority{*std::move(certificate), *std::move(key)};
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ",") + std::string(x509::is_address(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

bool is_usable(const CertificateFiles& files, const Authority& authority,
               const std::vector<std::string>& names, Time now) {
  const auto certificate = x509::load_certificate(files.chain);
  const auto key = x509::load_key(files.key);
  return certificate && key && x509::is_of(certificate->get(), key->get()) &&
         x509::is_issued_by(certificate->get(), authority.certificate.get()) &&
         x509::is_valid_at(certificate->get(), now) &&
         !is_renewal_due(now, x509::not_after(certificate->get())) &&
         std::all_of(names.begin(), names.end(), [&](const std::string& name) {
           return x509::covers(certificate->get(), name);
         });
}

Result<x509::Certificate> issue_server(const Authority& authority, EVP_PKEY* key,
                                       const std::vector<std::string>& names, Time now,
                                       hours life) {
  x509::Wish wish;
  // At most 64 characters there; it is the alternative names that count.
  wish.common_name = names.front().substr(0, 64);
  wish.key = key;
  wish.from = now - kSkew;
  wish.until = now + life;
  // clientAuth: atServers show their certificate to other atServers too.
  wish.extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                     {NID_key_usage, "critical,digitalSignature"},
                     {NID_ext_key_usage, "serverAuth,clientAuth"},
                     {NID_subject_key_identifier, "hash"},
                     {NID_authority_key_identifier, "keyid"},
                     {NID_subject_alt_name, alternative_names(names)}};
  return x509::issue(wish, authority.certificate.get(), authority.key.get());
}

std::string chain_text(const x509::Certificate& server, const Authority& authority) {
  return x509::pem(server.get()) + x509::pem(authority.certificate.get());
}

Result<void> make_server(const CertificateFiles& files, const Authority& authority,
                         const std::vector<std::string>& names, Time now) {
  auto key = x509::new_key();
  if (!key) return fail(std::move(key).error());
  auto certificate = issue_server(authority, key->get(), names, now, kServerLife);
  if (!certificate) return fail(std::move(certificate).error());
  auto written = write_whole(files.key, x509::pem(key->get()).text(), 0600);
  if (!written) return written;
  return write_whole(files.chain, chain_text(*certificate, authority), 0644);
}

Result<FileLock> lock(const fs::path& folder) {
  return FileLock::take(folder / "certificates.lock", FileLock::Patience::wait);
}

}  // namespace

bool is_renewal_due(Time now, Time not_after) noexcept { return not_after - now < kServerLife / 2; }
bool is_guest_renewal_due(Time now, Time not_after) noexcept {
  return not_after - now < kGuestLife / 2;
}

Result<fs::path> ensure_authority(const fs::path& folder,
                                  std::chrono::system_clock::time_point now) {
  const auto held = lock(folder);
  if (!held) return fail(held.error());
  auto found = authority(folder, now);
  if (!found) return fail(std::move(found).error());
  return ca_file(folder);
}

Result<std::string> authority_pem(const fs::path& folder, Time now) {
  const auto held = lock(folder);
  if (!held) return fail(held.error());
  auto found = authority(folder, now);
  if (!found) return fail(std::move(found).error());
  return x509::pem(found->certificate.get());
}

Result<CertificateFiles> ensure_certificates(const fs::path& folder,
                                             const std::vector<std::string>& names,
                                             std::chrono::system_clock::time_point now) {
  const auto held = lock(folder);
  if (!held) return fail(held.error());
  auto found = authority(folder, now);
  if (!found) return fail(std::move(found).error());
  CertificateFiles files{ca_file(folder), folder / "server.pem", folder / "server.key"};
  if (!is_usable(files, *found, names, now)) {
    if (auto made = make_server(files, *found, names, now); !made) {
      return fail(std::move(made).error());
    }
  }
  return files;
}

Result<std::string> issue_for_guest(const fs::path& folder, const std::string& request,
                                    const std::string& host, Time now) {
  const auto key = x509::requested_key(request);
  if (!key) return fail(Errc::refused, key.error().what());
  const auto held = lock(folder);
  if (!held) return fail(held.error());
  const auto found = authority(folder, now);
  if (!found) return fail(found.error());
  const auto certificate = issue_server(*found, key->get(), {host}, now, kGuestLife);
  if (!certificate) return fail(certificate.error());
  return chain_text(*certificate, *found);
}

namespace {

constexpr hours kWarnBefore = 14 * kDay;

// Certificates of public authorities are renewed by other programs, which may keep their keys in a
// group's hands.
Result<void> check_hidden(const fs::path& key) {
  std::error_code code;
  const auto mode = fs::status(key, code).permissions();
  if (code) return fail(Errc::config, key.string() + " cannot be read: " + code.message());
  if ((mode & fs::perms::others_all) == fs::perms::none) return {};
  return fail(Error(Errc::config, key.string() + " is open to all users of this machine")
                  .hint("run chmod o= " + key.string()));
}

Error as_config(const Error& error) { return Error(Errc::config, error.what()); }

}  // namespace

Result<void> check_certificate(const fs::path& chain, const fs::path& key,
                               const std::string& host_name, Time now) {
  if (auto hidden = check_hidden(key); !hidden) return hidden;
  const auto certificate = x509::load_certificate(chain);
  if (!certificate) return fail(as_config(certificate.error()));
  const auto private_key = x509::load_key(key);
  if (!private_key) return fail(as_config(private_key.error()));
  X509* leaf = certificate->get();
  if (!x509::is_of(leaf, private_key->get())) {
    return fail(Error(Errc::config, key.string() + " is not the key of " + chain.string())
                    .hint("the server's certificate stands first in its file"));
  }
  if (!x509::is_valid_at(leaf, now)) {
    const bool is_over = x509::not_after(leaf) <= now;
    return fail(
        Error(Errc::config, chain.string() + (is_over ? " has expired" : " is not valid yet"))
            .hint(is_over ? "renew it" : "look at this machine's clock"));
  }
  if (!x509::covers(leaf, host_name)) {
    return fail(Error(Errc::config, chain.string() + " is not for " + host_name)
                    .hint("--host-name is what clients check it against"));
  }
  if (x509::not_after(leaf) - now < kWarnBefore) {
    log::warn("atserver", "the certificate ends soon; renew it and send SIGHUP",
              {{"file", chain.string()},
               {"hours", std::chrono::duration_cast<hours>(x509::not_after(leaf) - now).count()}});
  }
  return {};
}

}  // namespace noports::atserver
