// SPDX-License-Identifier: BSD-3-Clause
// Two platforms with one directory.
#include <openssl/obj_mac.h>

#include <fstream>
#include <iterator>

#include "guest_platform.hpp"
#include "noports/atserver/certificates.hpp"
#include "noports/atserver/x509.hpp"

using namespace noports;
using test::atsign;
using test::GuestPlatform;
using test::RawClient;
using test::Running;

namespace {

void add(const std::filesystem::path& dir, const std::string& name) {
  REQUIRE(atserver::add_atsign(dir, atsign(name)));
}

std::uint16_t port_in(const std::string& answer) {
  REQUIRE(answer.starts_with("localhost:"));
  return static_cast<std::uint16_t>(std::stoi(answer.substr(10)));
}

// The error of a platform that does not come to join.
Error refusal(GuestPlatform& guest) {
  auto started = guest.try_start();
  REQUIRE_FALSE(started);
  return std::move(started).error();
}

std::string converse(Running& host, const std::vector<std::string>& lines) {
  RawClient client(host.loop, host.tls, host.platform->directory_port());
  REQUIRE(client.read() == "@");
  std::string answer;
  for (const auto& line : lines) answer = client.ask(line);
  CHECK(client.read() == "(end)");
  return answer;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A guest's file with a certificate for `key` that has a third of its life left.
std::string short_lived(Running& host, const atserver::x509::Key& key) {
  using namespace atserver;
  constexpr std::chrono::hours kDay{24};
  const auto authority = *x509::load_certificate(host.dir() / "ca.pem");
  const auto authority_key = *x509::load_key(host.dir() / "ca.key");
  x509::Wish wish;
  wish.common_name = "localhost";
  wish.key = key.get();
  wish.from = std::chrono::system_clock::now() - 60 * kDay;
  wish.until = wish.from + 90 * kDay;
  wish.extensions = {{NID_subject_alt_name, "DNS:localhost"}};
  const auto made = *x509::issue(wish, authority.get(), authority_key.get());
  return std::string(x509::pem(key.get()).text()) + x509::pem(made.get()) +
         x509::pem(authority.get());
}

}  // namespace

TEST_CASE("two platforms that joined answer for the atSigns of both", "[atserver][join]") {
  Running host;
  add(host.dir(), "@alice");
  GuestPlatform guest(host);
  add(guest.dir(), "@bob");
  guest.start();
  REQUIRE(guest.host_finds("bob"));
  CHECK(guest.ask("bob") == guest.ask_host("bob"));
  CHECK(guest.ask("alice") == guest.ask_host("alice"));
  CHECK(guest.ask("nobody") == "null");
  CHECK(guest.ask_host("nobody") == "null");
  // One authority for both: host.tls trusts the host's alone.
  RawClient bob(host.loop, host.tls, port_in(guest.ask_host("bob")));
  CHECK(bob.read() == "@");
  CHECK(bob.ask("from:@bob").starts_with("data:_"));
}

TEST_CASE("what is added to a guest and removed from it is so at the host",
          "[atserver][join][administration]") {
  Running host;
  GuestPlatform guest(host);
  guest.options().join->every = std::chrono::hours(1);  // changes are told at once
  guest.start();
  CHECK(guest.ask_host("bob") == "null");
  add(guest.dir(), "@bob");
  REQUIRE(guest.host_finds("bob"));
  const auto listed = *atserver::list_atsigns(host.dir());
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].joined == "localhost");
  CHECK_FALSE(atserver::add_atsign(host.dir(), atsign("@bob")));
  REQUIRE(atserver::remove_atsign(guest.dir(), atsign("@bob")));
  CHECK(guest.host_answers("bob", "null"));
  CHECK(atserver::add_atsign(host.dir(), atsign("@bob")));
}

TEST_CASE("an atSign that the host has is served by a guest and not found through the host",
          "[atserver][join][hostile]") {
  Running host;
  add(host.dir(), "@alice");
  const auto place = "localhost:" + std::to_string(host.port_of("alice"));
  GuestPlatform guest(host);
  add(guest.dir(), "@alice");
  add(guest.dir(), "@bob");
  guest.start();
  REQUIRE(guest.host_finds("bob"));
  CHECK(guest.ask_host("alice") == place);
  CHECK(guest.ask("alice") != place);
}

TEST_CASE("a guest serves on while its host is away, and the host remembers it",
          "[atserver][join]") {
  Running host;
  add(host.dir(), "@alice");
  GuestPlatform guest(host);
  add(guest.dir(), "@bob");
  guest.start();
  REQUIRE(guest.host_finds("bob"));
  const auto alice = guest.ask("alice"), bob = guest.ask("bob");
  const auto directory = host.platform->directory_port();
  host.stop();
  CHECK(guest.ask("bob") == bob);
  CHECK(guest.ask("alice") == alice);  // it was asked for before
  // Not "null", which clients believe.
  CHECK(guest.ask("carol") == "(end)");
  guest.stop();
  guest.start();  // with the certificate that it has
  CHECK(guest.ask("bob") == bob);
  guest.stop();
  host.start();
  CHECK(host.platform->directory_port() == directory);
  CHECK(guest.ask_host("bob") == bob);
  guest.start();
  add(guest.dir(), "@dave");
  CHECK(guest.host_finds("dave"));
}

TEST_CASE("a platform whose token is wrong or withdrawn does not join",
          "[atserver][join][hostile]") {
  Running host;
  GuestPlatform guest(host);
  const auto good = *atserver::make_join_token(host.dir());
  auto forged = *atserver::decode_token_file(good.text());
  forged.secret = atserver::new_join_token({}).secret.copy();
  guest.use_token(atserver::encode_token_file(forged));
  const auto wrong = refusal(guest);
  CHECK(wrong.code() == Errc::rejected);
  CHECK(wrong.hop() == Hop::atserver);
  CHECK(wrong.what().ends_with("the token is not, or no longer, one of this platform"));
  guest.use_token(good);
  add(guest.dir(), "@bob");
  guest.start();
  REQUIRE(guest.host_finds("bob"));
  REQUIRE(atserver::revoke_join_token(host.dir(), forged.id));
  CHECK_FALSE(atserver::revoke_join_token(host.dir(), forged.id));
  CHECK(guest.ask_host("bob") == "null");
  CHECK(guest.ask("bob").starts_with("localhost:"));
}

TEST_CASE("a host with another certificate than the token's is not told the token",
          "[atserver][join][hostile]") {
  Running host;
  GuestPlatform guest(host);
  const test::TempFolder other;
  guest.use_token(*atserver::make_join_token(other.path() / "platform"));
  const auto error = refusal(guest);
  CHECK(error.code() == Errc::rejected);
  CHECK(error.what().find("is not trusted") != std::string::npos);
}

TEST_CASE("a token file that others can read is refused with what to do",
          "[atserver][join][hostile]") {
  Running host;
  GuestPlatform guest(host);
  const auto& file = guest.options().join->token_file;
  std::filesystem::permissions(file, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto open = refusal(guest);
  CHECK(open.code() == Errc::config);
  CHECK(open.hint() == "run chmod 600 " + file.string());
  std::filesystem::remove(file);
  CHECK(refusal(guest).what().find("cannot be read") != std::string::npos);
  guest.use_token(crypto::Secret(std::string_view("secret")));
  CHECK(refusal(guest).what().find("holds no token") != std::string::npos);
}

TEST_CASE("a platform that cannot reach its host for the first time says so",
          "[atserver][join][hostile]") {
  Running host;
  GuestPlatform guest(host);
  CHECK(guest.ask_host("nobody") == "null");
  host.stop();
  const auto error = refusal(guest);
  CHECK(error.code() == Errc::disconnected);
  CHECK(error.what().starts_with("joining the platform at localhost:"));
}

TEST_CASE("who says nonsense to join gets a sentence, and a short line is all a stranger may say",
          "[atserver][join][hostile]") {
  Running host;
  const auto token = *atserver::decode_token_file(atserver::make_join_token(host.dir())->text());
  const std::string claim(atserver::encode_join_line(token).text());
  CHECK(converse(host, {"join:"}).find(R"("code":"rejected")") != std::string::npos);
  CHECK(converse(host, {claim, "{}"}).find(R"("error":"want a guest")") != std::string::npos);
  {
    RawClient client(host.loop, host.tls, host.platform->directory_port());
    REQUIRE(client.read() == "@");
    CHECK(client.ask("join:" + std::string(2000, 'a')).starts_with("("));
  }
  const auto long_one = converse(host, {claim, std::string(200'000, 'x')});
  CHECK(long_one.find(R"("error":"want a JSON object")") != std::string::npos);
  // A guess is dear after some.
  for (int i = 0; i < 10; ++i) converse(host, {"join:"});
  const auto before = std::chrono::steady_clock::now();
  converse(host, {"join:"});
  CHECK(std::chrono::steady_clock::now() - before >= std::chrono::seconds(1));
}

TEST_CASE("a guest takes no guests", "[atserver][join][hostile]") {
  Running host;
  GuestPlatform guest(host);
  guest.start();
  CHECK_FALSE(atserver::make_join_token(guest.dir()));
  RawClient client(host.loop, host.tls, guest.platform->directory_port());
  REQUIRE(client.read() == "@");
  CHECK(client.ask("join:x").find("has joined another itself") != std::string::npos);
}

TEST_CASE("a certificate that is due is renewed while the guest serves",
          "[atserver][join][certificates]") {
  Running host;
  GuestPlatform guest(host);
  guest.start();
  CHECK(*atserver::find_authority(guest.dir()) == atserver::joined_authority(guest.dir()));
  const auto file = atserver::joined_certificate(guest.dir());
  const auto first = text_of(file);
  const auto pem = short_lived(host, *atserver::x509::load_key(file));
  REQUIRE(atserver::write_whole(file, pem, 0600));
  CHECK(test::eventually(host.loop, [&] { return text_of(file) != pem; }));
  CHECK(text_of(file) != first);
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(guest.ask("nobody") == "null");
}
