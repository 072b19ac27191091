// SPDX-License-Identifier: BSD-3-Clause
// A platform with a certificate of somebody else.
#include <signal.h>

#include "noports/atserver/certificates.hpp"
#include "running.hpp"
#include "support/certificates.hpp"

using namespace noports;
using test::Running;

namespace {

namespace fs = std::filesystem;

Result<void> check(const test::LeafFiles& leaf, const std::string& host = "localhost") {
  return atserver::check_certificate(leaf.chain, leaf.key, host, std::chrono::system_clock::now());
}

test::LeafFiles issue(test::Authority& authority, const test::LeafWish& wish = {}) {
  const auto leaf = authority.issue(wish);
  fs::permissions(leaf.key, fs::perms::owner_read | fs::perms::owner_write);
  return leaf;
}

void replace(const test::LeafFiles& in_use, const test::LeafFiles& by) {
  fs::copy_file(by.chain, in_use.chain, fs::copy_options::overwrite_existing);
  fs::copy_file(by.key, in_use.key, fs::copy_options::overwrite_existing);
}

bool can_connect(Running& world, net::TlsContext tls) {
  return test::run(world.loop,
                   net::dial_tls(std::move(tls), "localhost", world.platform->directory_port(),
                                 net::in(test::kPatience)))
      .has_value();
}

}  // namespace

TEST_CASE("a certificate is served that somebody else has issued, and a new one after SIGHUP",
          "[atserver][platform][certificates]") {
  test::Authority first, second;
  const auto leaf = issue(first);
  Running world(atserver::OwnCertificate{leaf.chain, leaf.key}, first.client_context());
  world.activate("alice");
  const auto alice = world.login("alice");
  CHECK(world.platform->ca_file().empty());
  CHECK_FALSE(fs::exists(world.dir() / "ca.pem"));
  CHECK_FALSE(can_connect(world, second.client_context()));
  replace(leaf, issue(second));
  ::raise(SIGHUP);
  CHECK(test::eventually(world.loop, [&] { return can_connect(world, second.client_context()); }));
  CHECK(alice->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("a certificate that has become unusable does not replace the one that serves",
          "[atserver][platform][certificates][hostile]") {
  test::Authority authority;
  const auto leaf = issue(authority);
  Running world(atserver::OwnCertificate{leaf.chain, leaf.key}, authority.client_context());
  test::LeafWish expired;
  expired.valid_from = -7200;
  expired.valid_until = -3600;
  replace(leaf, issue(authority, expired));
  CHECK_FALSE(world.platform->renew_certificate(std::chrono::system_clock::now()));
  CHECK(can_connect(world, authority.client_context()));
}

TEST_CASE("a certificate that clients would refuse is refused at the start, with the reason",
          "[atserver][certificates][hostile]") {
  test::Authority authority;
  const auto good = issue(authority);
  REQUIRE(check(good));
  REQUIRE(check(good, "127.0.0.1"));
  const auto refusal = [](const Result<void>& checked) {
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code() == Errc::config);
    return checked.error().what();
  };
  CHECK(refusal(check(good, "at.example.net")).ends_with(" is not for at.example.net"));
  CHECK(refusal(check({good.chain, issue(authority).key})).find("is not the key of") !=
        std::string::npos);
  test::LeafWish past, future;
  past.valid_from = -7200;
  past.valid_until = -3600;
  future.valid_from = 3600;
  future.valid_until = 7200;
  CHECK(refusal(check(issue(authority, past))).ends_with(" has expired"));
  CHECK(refusal(check(issue(authority, future))).ends_with(" is not valid yet"));
  CHECK(refusal(check({good.chain.parent_path() / "none", good.key})).ends_with("does not exist"));
  CHECK(refusal(check({good.key, good.key})).ends_with("holds no certificate"));
  CHECK(refusal(check({good.chain, good.chain})).find("is open to all users") != std::string::npos);
  fs::permissions(good.key, fs::perms::others_read, fs::perm_options::add);
  CHECK(refusal(check(good)).ends_with(" is open to all users of this machine"));
}

TEST_CASE("a platform does not start with a certificate for another host",
          "[atserver][platform][certificates][hostile]") {
  test::Authority authority;
  const auto leaf = issue(authority);
  test::TempFolder folder;
  asio::io_context loop;
  atserver::PlatformOptions options;
  options.dir = folder.path() / "platform";
  options.directory_port = 0;
  options.host_name = "at.example.net";
  options.certificate = atserver::OwnCertificate{leaf.chain, leaf.key};
  const auto opened = atserver::Platform::open(loop.get_executor(), options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == Errc::config);
}
