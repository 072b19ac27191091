// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/membership.hpp"

#include "noports/atserver/certificates.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/x509.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/random.hpp"

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestToken = 64 * 1024;  // bytes of its file
constexpr std::string_view kGuestId = "guest_id";

Result<JoinToken> load_token(const fs::path& file) {
  const auto text = read_private(file, kLongestToken);
  if (!text) return fail(text.error());
  auto token = decode_token_file(text->text());
  if (!token) return fail(std::move(token).error().during(file.string()));
  return token;
}

Result<std::string> guest_id(Store& store) {
  Database::Scope scope(store.database());
  auto id = store.accounts.setting(kGuestId);
  if (!id) {
    id = crypto::random_nonce();
    store.accounts.set_setting(kGuestId, *id);
  }
  auto kept = scope.finish();
  if (kept) kept = store.commit();
  if (!kept) return fail(std::move(kept).error());
  return *std::move(id);
}

// With the token's authority there is no doubt which platform is meant; --ca-file adds to it.
Result<net::TlsContext> context_to_host(const fs::path& authority, net::Trust trust) {
  if (!authority.empty()) {
    trust.cert_file = authority;
    trust.cert_dir.reset();
  }
  return net::client_context(trust);
}

struct Wanted {
  std::string request;
  x509::Key key;
};

Result<Wanted> new_request(const std::string& host_name) {
  auto key = x509::new_key();
  if (!key) return fail(std::move(key).error());
  auto request = x509::request_for(key->get(), host_name);
  if (!request) return fail(std::move(request).error());
  return Wanted{*std::move(request), *std::move(key)};
}

bool fits(X509* certificate, EVP_PKEY* key, const fs::path& folder, const std::string& host_name,
          x509::Time now) {
  const auto authority = x509::load_certificate(joined_authority(folder));
  return authority && x509::is_of(certificate, key) && x509::is_valid_at(certificate, now) &&
         x509::covers(certificate, host_name) && x509::is_issued_by(certificate, authority->get());
}

// What the host has issued, with its key in one file: whole, or the one before.
Result<void> keep_certificate(const fs::path& folder, const std::string& host_name,
                              const Wanted& wanted, const std::string& chain, x509::Time now) {
  const auto certificate = x509::parse_certificate(chain);
  if (!certificate || !fits(certificate->get(), wanted.key.get(), folder, host_name, now)) {
    return fail(Errc::refused, "it has not issued a certificate that can be used");
  }
  // The key is in front: what reads a chain begins at the first certificate.
  auto text = std::string(x509::pem(wanted.key.get()).text());
  text += chain;
  auto kept = write_whole(joined_certificate(folder), text, 0600);
  crypto::wipe(text);
  return kept;
}

Result<x509::Certificate> usable_certificate(const fs::path& folder, const std::string& host_name,
                                             x509::Time now) {
  const auto file = joined_certificate(folder);
  auto certificate = x509::load_certificate(file);
  if (!certificate) return certificate;
  const auto key = x509::load_key(file);
  if (!key) return fail(key.error());
  if (!fits(certificate->get(), key->get(), folder, host_name, now)) {
    return fail(Errc::config, file.string() + " has expired, or is not for " + host_name);
  }
  return certificate;
}

asio::awaitable<Result<JoinAnswer>> converse(net::Stream& stream, std::string claim,
                                             std::string request) {
  auto sent = co_await stream.write_all(claim + "\n");
  crypto::wipe(claim);
  if (!sent) co_return fail(std::move(sent).error());
  auto line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  auto go_ahead = decode_join_answer(*line);
  if (!go_ahead) co_return go_ahead;
  sent = co_await stream.write_all(request + "\n");
  if (!sent) co_return fail(std::move(sent).error());
  line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  co_return decode_join_answer(*line);
}

// A host that rejects our token has proved who it is; it is us who could not.
Error told(Error error) {
  const auto hop = error.code() == Errc::rejected ? Hop::atserver : Hop::directory;
  return std::move(error).at(hop);
}

}  // namespace

fs::path joined_authority(const fs::path& folder) { return folder / "joined-ca.pem"; }
fs::path joined_certificate(const fs::path& folder) { return folder / "joined.pem"; }

void forget_membership(const fs::path& folder) noexcept {
  std::error_code ignored;
  fs::remove(joined_authority(folder), ignored);
  fs::remove(joined_certificate(folder), ignored);
}

Result<Membership> Membership::open(Store& store, const fs::path& folder,
                                    const JoinOptions& options, const net::Trust& trust,
                                    std::string host_name, bool has_certificate) {
  auto token = load_token(options.token_file);
  if (!token) return fail(std::move(token).error());
  if (token->ca.empty() && !has_certificate) {
    return fail(Error(Errc::config, "the platform to join issues no certificates")
                    .hint("give --tls-cert and --tls-key"));
  }
  Membership made(folder, options.host, *std::move(token));
  auto guest = guest_id(store);
  if (!guest) return fail(std::move(guest).error());
  made.guest_ = *std::move(guest);
  made.host_name_ = lower(host_name);
  made.has_certificate_ = has_certificate;
  const auto& ca = made.token_.ca;
  if (!ca.empty()) {
    if (auto kept = write_whole(joined_authority(folder), ca, 0644); !kept) {
      return fail(std::move(kept).error());
    }
  }
  auto context = context_to_host(made.authority(), trust);
  if (!context) return fail(std::move(context).error());
  made.to_host_ = *std::move(context);
  return made;
}

fs::path Membership::authority() const {
  return token_.ca.empty() ? fs::path() : joined_authority(folder_);
}

Result<void> Membership::check_certificate(Time now) const {
  if (has_certificate_) return {};
  const auto usable = usable_certificate(folder_, host_name_, now);
  if (usable) return {};
  return fail(Errc::config, usable.error().what());
}

bool Membership::is_certificate_due(Time now) const {
  if (has_certificate_) return false;
  const auto usable = usable_certificate(folder_, host_name_, now);
  return !usable || is_guest_renewal_due(now, x509::not_after(usable->get()));
}

asio::awaitable<Result<Membership::Joined>> Membership::join(
    std::optional<std::vector<HostedAtsign>> atsigns, Time now, net::Deadline deadline) {
  JoinRequest request;
  request.guest = guest_;
  request.host = host_name_;
  request.atsigns = std::move(atsigns);
  std::optional<Wanted> wanted;
  if (is_certificate_due(now)) {
    auto made = new_request(host_name_);
    if (!made) co_return fail(std::move(made).error());
    request.request = made->request;
    wanted = *std::move(made);
  }
  const auto doing = "joining the platform at " + place_text(host_);
  auto stream = co_await net::dial_tls(to_host_, host_.host, host_.port, deadline);
  if (!stream) co_return fail(std::move(stream).error().during(doing).at(Hop::directory));
  auto talk = converse(**stream, std::string(encode_join_line(token_).text()), encode(request));
  auto answer = co_await net::before(deadline, std::move(talk));
  (*stream)->close();
  if (!answer) co_return fail(told(std::move(answer).error()).during(doing));
  Joined joined;
  joined.refused = std::move(answer->refused);
  if (!wanted) co_return joined;
  auto kept = keep_certificate(folder_, host_name_, *wanted, answer->chain, now);
  if (!kept) co_return fail(told(std::move(kept).error()).during(doing));
  joined.new_certificate = true;
  co_return joined;
}

}  // namespace noports::atserver
