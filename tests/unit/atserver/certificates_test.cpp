// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/certificates.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "noports/atserver/files.hpp"
#include "noports/atserver/x509.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::atserver;
using std::chrono::hours;

namespace {

namespace fs = std::filesystem;

const auto kNow = std::chrono::system_clock::now();
const std::vector<std::string> kNames = {"localhost", "127.0.0.1", "::1"};

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the authority is made once, its key is private", "[atserver][certificates]") {
  test::TempFolder folder;
  const auto ca = *ensure_authority(folder.path(), kNow);
  const auto first = content(ca);
  CHECK(first.starts_with("-----BEGIN CERTIFICATE-----"));
  CHECK(*ensure_authority(folder.path(), kNow) == ca);
  CHECK(content(ca) == first);
  CHECK(fs::status(folder.path() / "ca.key").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("the server's certificate covers its names", "[atserver][certificates]") {
  test::TempFolder folder;
  const auto files = *ensure_certificates(folder.path(), kNames, kNow);
  const auto certificate = *x509::load_certificate(files.chain);
  for (const auto& name : kNames) CHECK(x509::covers(certificate.get(), name));
  CHECK_FALSE(x509::covers(certificate.get(), "example.org"));
  CHECK_FALSE(x509::covers(certificate.get(), "127.0.0.2"));
  CHECK(x509::is_issued_by(certificate.get(), x509::load_certificate(files.ca)->get()));
  CHECK(x509::is_of(certificate.get(), x509::load_key(files.key)->get()));
  CHECK(fs::status(files.key).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("the certificate is kept while it serves, and renewed when not",
          "[atserver][certificates]") {
  test::TempFolder folder;
  const auto files = *ensure_certificates(folder.path(), kNames, kNow);
  const auto first = content(files.chain);
  CHECK(ensure_certificates(folder.path(), kNames, kNow + hours(24 * 190)));
  CHECK(content(files.chain) == first);

  SECTION("when half of its life is over") {
    CHECK(ensure_certificates(folder.path(), kNames, kNow + hours(24 * 200)));
  }
  SECTION("when a name is not covered") {
    auto names = kNames;
    names.push_back("host.example");
    CHECK(ensure_certificates(folder.path(), names, kNow));
    CHECK(x509::covers(x509::load_certificate(files.chain)->get(), "host.example"));
  }
  SECTION("when its key is gone") {
    fs::remove(files.key);
    CHECK(ensure_certificates(folder.path(), kNames, kNow));
  }
  SECTION("when it is damaged") {
    folder.write("server.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    CHECK(ensure_certificates(folder.path(), kNames, kNow));
  }
  SECTION("when the authority is another") {
    fs::remove(folder.path() / "ca.pem");
    CHECK(ensure_certificates(folder.path(), kNames, kNow));
  }
  CHECK(content(files.chain) != first);
}

TEST_CASE("a renewal is due when less than half of the life is left", "[atserver][certificates]") {
  const auto half = hours(397 * 12);
  CHECK_FALSE(is_renewal_due(kNow, kNow + hours(397 * 24)));
  CHECK_FALSE(is_renewal_due(kNow, kNow + half));
  CHECK(is_renewal_due(kNow, kNow + half - std::chrono::seconds(1)));
  CHECK(is_renewal_due(kNow, kNow));
  CHECK(is_renewal_due(kNow, kNow - hours(1)));
  test::TempFolder folder;
  const auto files = *ensure_certificates(folder.path(), kNames, kNow);
  const auto left = x509::not_after(x509::load_certificate(files.chain)->get()) - kNow;
  CHECK(left <= hours(397 * 24));
  CHECK(left > hours(397 * 24) - std::chrono::seconds(2));
}

TEST_CASE("an authority that cannot sign is an error, not replaced",
          "[atserver][certificates][hostile]") {
  test::TempFolder folder, other;
  REQUIRE(ensure_authority(folder.path(), kNow));
  REQUIRE(ensure_authority(other.path(), kNow));
  SECTION("expired") {
    const auto late = ensure_authority(folder.path(), kNow + hours(24 * 3651));
    REQUIRE_FALSE(late);
    CHECK(late.error().code() == Errc::config);
  }
  SECTION("with a foreign key") {
    fs::copy_file(other.path() / "ca.key", folder.path() / "ca.key",
                  fs::copy_options::overwrite_existing);
    CHECK_FALSE(ensure_authority(folder.path(), kNow));
  }
  SECTION("without a key") {
    fs::remove(folder.path() / "ca.key");
    CHECK_FALSE(ensure_authority(folder.path(), kNow));
  }
  SECTION("damaged") {
    folder.write("ca.pem", "x");
    CHECK_FALSE(ensure_authority(folder.path(), kNow));
  }
}

TEST_CASE("the platform's folder is private", "[atserver][files][hostile]") {
  test::TempFolder folder;
  const auto dir = folder.path() / "a" / "b";
  REQUIRE(ensure_private_folder(dir));
  CHECK(fs::status(dir).permissions() == fs::perms::owner_all);
  CHECK(ensure_private_folder(dir.string() + "/"));
  fs::permissions(dir, fs::perms::others_read, fs::perm_options::add);
  const auto open = ensure_private_folder(dir);
  REQUIRE_FALSE(open);
  CHECK(open.error().code() == Errc::config);
  CHECK_FALSE(open.error().hint().empty());
  CHECK_FALSE(ensure_private_folder(folder.write("file", "")));
}

TEST_CASE("a lock is held by one", "[atserver][files]") {
  test::TempFolder folder;
  const auto file = folder.path() / "lock";
  {
    const auto held = FileLock::take(file, FileLock::Patience::none);
    REQUIRE(held);
    const auto again = FileLock::take(file, FileLock::Patience::none);
    REQUIRE_FALSE(again);
    CHECK(again.error().code() == Errc::busy);
  }
  CHECK(FileLock::take(file, FileLock::Patience::none));
}
