// SPDX-License-Identifier: BSD-3-Clause
// Whom the host lets join, and with what.
#include "noports/atserver/join_desk.hpp"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "noports/atserver/certificates.hpp"
#include "noports/atserver/x509.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::atserver;

namespace {

at::Atsign atsign(const char* name) { return *at::Atsign::parse(name); }

JoinRequest request_of(char guest, std::string host, std::vector<HostedAtsign> atsigns = {}) {
  JoinRequest request;
  request.guest = std::string(32, guest);
  request.host = std::move(host);
  request.atsigns = std::move(atsigns);
  return request;
}

struct Desk {
  test::TempFolder folder;
  std::unique_ptr<Store> store = *Store::open({});
  JoinTerms terms{folder.path(), true, "at.example.net"};
  std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();

  JoinToken token() {
    auto made = new_join_token({});
    Database::Scope scope(store->database());
    store->guests.add_token(made.id, join_secret_hash(made.secret.text()), now);
    REQUIRE(scope.finish());
    return made;
  }
  Result<JoinAnswer> admit(const JoinToken& with, const JoinRequest& guest, bool is_near = false) {
    Database::Scope scope(store->database());
    auto answer = atserver::admit(*store, terms, with.id, guest, is_near, now);
    if (answer) REQUIRE(scope.finish());
    return answer;
  }
  std::optional<Place> find(const char* name) {
    Database::Scope scope(store->database());
    return store->guests.find(atsign(name));
  }
  // Rows that were written in all.
  std::int64_t writes() {
    Database::Scope scope(store->database());
    Statement count(store->database(), "SELECT total_changes()");
    auto rows = count.run();
    REQUIRE(rows.next());
    return rows.number(0);
  }
  bool knows(const JoinToken& claim) {
    Database::Scope scope(store->database());
    return check_join_token(*store, claim).has_value();
  }
};

std::string why_not(const Result<JoinAnswer>& answer) {
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::refused);
  return answer.error().what();
}

}  // namespace

TEST_CASE("a platform joins with its token alone, until that is withdrawn",
          "[atserver][join][hostile]") {
  Desk desk;
  const auto token = desk.token(), stranger = new_join_token({});
  CHECK(desk.knows(token));
  CHECK_FALSE(desk.knows(stranger));
  CHECK_FALSE(desk.knows(JoinToken{token.id, stranger.secret.copy(), {}}));
  REQUIRE(desk.admit(token, request_of('1', "b.example.net", {{atsign("@bob"), 10301}})));
  CHECK(desk.find("@bob") == Place{"b.example.net", 10301});
  {
    Database::Scope scope(desk.store->database());
    const auto listed = desk.store->guests.tokens();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].host == "b.example.net");
    CHECK(listed[0].atsigns == 1);
    CHECK(listed[0].seen == desk.now);
    CHECK(desk.store->guests.remove_token(token.id));
    CHECK_FALSE(desk.store->guests.remove_token(token.id));
    REQUIRE(scope.finish());
  }
  CHECK_FALSE(desk.find("@bob"));
  CHECK_FALSE(desk.knows(token));
  const auto late = desk.admit(token, request_of('1', "b.example.net"));
  REQUIRE_FALSE(late);
  CHECK(late.error().code() == Errc::rejected);
}

TEST_CASE("what a guest serves is what it said last", "[atserver][join]") {
  Desk desk;
  const auto token = desk.token();
  const HostedAtsign bob{atsign("@bob"), 10301}, carol{atsign("@carol"), 10302};
  CHECK(desk.admit(token, request_of('1', "b.example.net", {carol, bob}))->refused.empty());
  CHECK(desk.admit(token, request_of('1', "b.example.net", {carol, bob}))->refused.empty());
  REQUIRE(desk.admit(token, request_of('1', "b.example.net", {{atsign("@carol"), 10303}})));
  CHECK_FALSE(desk.find("@bob"));
  CHECK(desk.find("@carol") == Place{"b.example.net", 10303});
  auto unsaid = request_of('1', "b.example.net");
  unsaid.atsigns.reset();
  REQUIRE(desk.admit(token, unsaid));
  CHECK(desk.find("@carol"));
  REQUIRE(desk.admit(token, request_of('1', "b.example.net")));
  CHECK_FALSE(desk.find("@carol"));
}

TEST_CASE("an atSign that somebody has already is refused to a guest",
          "[atserver][join][hostile]") {
  Desk desk;
  const auto one = desk.token(), other = desk.token();
  REQUIRE(desk.store->add(atsign("@alice"), crypto::Secret(std::string_view("s")), 1));
  const HostedAtsign alice{atsign("@alice"), 1}, bob{atsign("@bob"), 10301};
  const auto first = desk.admit(one, request_of('1', "b.example.net", {alice, bob}));
  REQUIRE(first);
  CHECK(first->refused ==
        std::vector<RefusedAtsign>{{alice.atsign, "the platform that was joined has it itself"}});
  const auto second = desk.admit(other, request_of('2', "c.example.net", {bob}));
  REQUIRE(second);
  CHECK(second->refused ==
        std::vector<RefusedAtsign>{{bob.atsign, "another platform has joined with it"}});
  CHECK(desk.find("@bob") == Place{"b.example.net", 10301});
  const auto added = desk.store->add(bob.atsign, crypto::Secret(std::string_view("s")), 1);
  REQUIRE_FALSE(added);
  CHECK(added.error().what() ==
        "@bob is on a platform that has joined this one: b.example.net:10301");
}

TEST_CASE("a guest that says what it said before costs the host no more than its last sight",
          "[atserver][join]") {
  Desk desk;
  const auto one = desk.token(), other = desk.token();
  const HostedAtsign bob{atsign("@bob"), 10301}, carol{atsign("@carol"), 10302};
  REQUIRE(desk.admit(one, request_of('1', "b.example.net", {bob})));
  const auto request = request_of('2', "c.example.net", {bob, carol});
  REQUIRE(desk.admit(other, request));
  const auto before = desk.writes();
  const auto again = desk.admit(other, request);
  REQUIRE(again);
  CHECK(again->refused ==
        std::vector<RefusedAtsign>{{bob.atsign, "another platform has joined with it"}});
  CHECK(desk.writes() == before + 1);  // when it was seen
  CHECK(desk.find("@carol") == Place{"c.example.net", 10302});
}

TEST_CASE("a token is for the host that names itself first, and no other machine is the host's",
          "[atserver][join][hostile]") {
  Desk desk;
  const auto token = desk.token(), second = desk.token();
  REQUIRE(desk.admit(token, request_of('1', "b.example.net")));
  CHECK(why_not(desk.admit(token, request_of('2', "c.example.net"))) ==
        "the token belongs to b.example.net, not to c.example.net");
  CHECK(why_not(desk.admit(second, request_of('2', "at.example.net"))) ==
        "at.example.net is the name of the platform's own machine");
  CHECK_FALSE(desk.admit(second, request_of('2', "localhost")));
  CHECK_FALSE(desk.admit(second, request_of('2', "127.0.0.1")));
  CHECK(desk.admit(second, request_of('2', "localhost"), true));
}

TEST_CASE("a guest gets a certificate of the host's authority for its name alone",
          "[atserver][join][certificates]") {
  Desk desk;
  const auto token = desk.token();
  const auto key = *x509::new_key();
  auto guest = request_of('1', "b.example.net");
  guest.request = *x509::request_for(key.get(), "at.example.net");  // what it wishes is not read
  const auto answer = desk.admit(token, guest);
  REQUIRE(answer);
  const auto certificate = *x509::parse_certificate(answer->chain);
  const auto authority = *x509::load_certificate(
      *ensure_authority(desk.folder.path(), std::chrono::system_clock::now()));
  CHECK(x509::is_issued_by(certificate.get(), authority.get()));
  CHECK(answer->chain.ends_with(x509::pem(authority.get())));
  CHECK(x509::is_of(certificate.get(), key.get()));
  CHECK(x509::covers(certificate.get(), "b.example.net"));
  CHECK_FALSE(x509::covers(certificate.get(), "at.example.net"));
  CHECK_FALSE(x509::covers(certificate.get(), "localhost"));
  CHECK(X509_check_ca(certificate.get()) == 0);
  const auto now = std::chrono::system_clock::now();
  const auto end = x509::not_after(certificate.get());
  CHECK_FALSE(is_guest_renewal_due(now, end));
  CHECK(is_guest_renewal_due(now + std::chrono::hours(24 * 50), end));
  guest.host = "10.1.2.3";
  const auto numeric = desk.admit(desk.token(), guest);
  REQUIRE(numeric);
  CHECK(x509::covers(x509::parse_certificate(numeric->chain)->get(), "10.1.2.3"));
}

TEST_CASE("a request for a certificate that is not signed by its key, or weak, is refused",
          "[atserver][join][certificates][hostile]") {
  Desk desk;
  auto guest = request_of('1', "b.example.net");
  const auto good = *x509::request_for(x509::new_key()->get(), "b");
  const auto middle = good.size() - 60;  // within the signature
  auto forged = good;
  forged[middle] = forged[middle] == 'A' ? 'B' : 'A';
  guest.request = forged;
  CHECK_FALSE(desk.admit(desk.token(), guest));
  guest.request = good.substr(0, good.size() / 2);
  CHECK_FALSE(desk.admit(desk.token(), guest));
  const x509::Key weak(EVP_RSA_gen(1024));
  guest.request = *x509::request_for(weak.get(), "b");
  CHECK(why_not(desk.admit(desk.token(), guest)) == "the request is for no key of a kind in use");
  const x509::Key strong(EVP_RSA_gen(2048));
  guest.request = *x509::request_for(strong.get(), "b");
  CHECK(desk.admit(desk.token(), guest));
  desk.terms.issues_certificates = false;
  CHECK(why_not(desk.admit(desk.token(), guest)).find("cannot issue any") != std::string::npos);
}
