// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/ssh_key.hpp"

#include "fixtures.hpp"
#include "noports/crypto/base64.hpp"

using namespace noports;
using proto::add_to_authorized_keys;
using proto::SshPublicKey;

namespace {

const std::string kEd25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2Ks8ZNebsmMWTRF3OaCeZHKrGPvZyqR3zATpHjKPAe";

std::string ssh_string(const std::string& text) {
  const auto size = text.size();
  return std::string{static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                     static_cast<char>(size >> 8), static_cast<char>(size)} +
         text;
}

// "<name> <base64 of the fields>"
std::string key_line(const std::string& name, const std::vector<std::string>& fields) {
  std::string blob;
  for (const auto& field : fields) blob += ssh_string(field);
  return name + " " + crypto::base64(blob);
}

SshPublicKey key() { return *SshPublicKey::parse(kEd25519); }

std::string added(std::string_view current, std::string_view permissions = "") {
  const auto file = add_to_authorized_keys(current, key(), permissions, "@alice");
  REQUIRE(file);
  return *file;
}

}  // namespace

TEST_CASE("keys made by ssh-keygen are accepted, without their comment", "[proto][vectors]") {
  std::ifstream file(std::string(NOPORTS_VECTORS) + "/ssh_public_keys.txt");
  REQUIRE(file);
  int keys = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    ++keys;
    CAPTURE(line);
    for (const auto* end : {"", "\n", "\r\n", " user@host", "  a comment with blanks\n"}) {
      const auto parsed = SshPublicKey::parse(line + end);
      REQUIRE(parsed);
      CHECK(parsed->str() == line);
    }
  }
  CHECK(keys == 5);
}

TEST_CASE("hardware keys are accepted", "[proto]") {
  const std::string ed = "sk-ssh-ed25519@openssh.com", ec = "sk-ecdsa-sha2-nistp256@openssh.com";
  CHECK(SshPublicKey::parse(key_line(ed, {ed, std::string(32, 'k'), "ssh:"})));
  CHECK(SshPublicKey::parse(key_line(ec, {ec, "nistp256", std::string(65, '\4'), "ssh:"})));
}

TEST_CASE("names of RSA signatures stand for ssh-rsa", "[proto]") {
  const auto line = key_line("rsa-sha2-512", {"ssh-rsa", "\1", std::string(256, 'n')});
  const auto parsed = SshPublicKey::parse(line);
  REQUIRE(parsed);
  CHECK(parsed->str() == key_line("ssh-rsa", {"ssh-rsa", "\1", std::string(256, 'n')}));
  CHECK_FALSE(SshPublicKey::parse(key_line("rsa-sha2-512", {"rsa-sha2-512", "\1", "n"})));
}

// Q-2, Q-4, security-findings.md S4 and S5: one key, no options, no second line.
TEST_CASE("what is not exactly one key is refused", "[proto][hostile]") {
  const auto ed = std::string("ssh-ed25519");
  const auto line = GENERATE_COPY(
      as<std::string>{}, "", "x", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 *",
      "ssh-ed25519 AAAA", kEd25519 + "\n" + kEd25519, kEd25519 + "\nssh-rsa AAAA",
      kEd25519 + " c\r" + kEd25519, kEd25519 + "\t", "command=\"x\" " + kEd25519,
      "no-pty " + kEd25519, "# " + kEd25519, std::string("ssh-ed25519\t") + kEd25519.substr(12),
      kEd25519 + " \x1b[31m", "ssh-dss" + kEd25519.substr(11),
      "ecdsa-sha2-nistp" + kEd25519.substr(11), "ssh-rsa" + kEd25519.substr(11),
      "ssh-ed25519x" + kEd25519.substr(11), "SSH-ED25519" + kEd25519.substr(11), kEd25519 + "AAAA",
      "ssh-ed25519-cert-v01@openssh.com" + kEd25519.substr(11),
      key_line(ed, {ed, std::string(31, 'k')}), key_line(ed, {ed, std::string(33, 'k')}),
      key_line(ed, {ed, std::string(32, 'k'), "more"}), key_line(ed, {ed}),
      key_line("ssh-rsa", {"ssh-rsa", "\1"}), key_line("ssh-rsa", {"ssh-rsa", "\1", ""}),
      key_line("ecdsa-sha2-nistp256", {"ecdsa-sha2-nistp256", "nistp384", "x"}),
      key_line(ed, {ed, std::string(9000, 'k')}));
  if (line == kEd25519 + "\t") {
    CHECK(SshPublicKey::parse(line));  // a blank at the end is none of the key's
    return;
  }
  CAPTURE(line);
  const auto parsed = SshPublicKey::parse(line);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == Errc::bad_syntax);
}

TEST_CASE("a blob that lies about its lengths is refused", "[proto][hostile]") {
  using namespace std::string_literals;
  const auto blob =
      GENERATE(as<std::string>{}, "\0\0\0"s, "\xff\xff\xff\xffssh-ed25519"s,
               "\0\0\0\x0bssh-ed25519\xff\xff\xff\xff"s, "\0\0\0\x0bssh-ed25519\0\0\0\x20short"s);
  CHECK_FALSE(SshPublicKey::parse("ssh-ed25519 " + crypto::base64(blob)));
}

TEST_CASE("a key is added on a line of its own", "[proto]") {
  const auto line = kEd25519 + " noports:@alice\n";
  CHECK(added("") == line);
  CHECK(added("ssh-rsa AAAA x\n") == "ssh-rsa AAAA x\n" + line);
  CHECK(added("ssh-rsa AAAA x") == "ssh-rsa AAAA x\n" + line);  // nothing is glued to it
  CHECK(added("", " restrict,command=\"echo a b\" ") == "restrict,command=\"echo a b\" " + line);
}

TEST_CASE("two adds in a row make two lines", "[proto]") {
  const auto second =
      SshPublicKey::parse(key_line("ssh-ed25519", {"ssh-ed25519", std::string(32, 'k')}));
  REQUIRE(second);
  const auto both = add_to_authorized_keys(added(""), *second, "", "bob");
  REQUIRE(both);
  CHECK(*both == kEd25519 + " noports:@alice\n" + second->str() + " noports:@bob\n");
  CHECK(added(*both) == *both);
}

TEST_CASE("a key that is there already is not added again", "[proto]") {
  const auto file =
      GENERATE_COPY(as<std::string>{}, kEd25519, kEd25519 + "\n", kEd25519 + " other comment\r\n",
                    "# c\n\n  restrict,command=\"ssh a\\\" b\" " + kEd25519 + "\nssh-rsa AAAA\n");
  CHECK(added(file) == file);
}

TEST_CASE("only the exact key on a line that counts is taken for it", "[proto][hostile]") {
  const auto base64 = kEd25519.substr(12);
  const auto file =
      GENERATE_COPY(as<std::string>{}, "#" + kEd25519 + "\n", "ssh-rsa AAAA " + kEd25519 + "\n",
                    "command=\"" + kEd25519 + "\" ssh-rsa AAAA\n", kEd25519 + "AAAA\n",
                    "ssh-ed25519 " + base64.substr(0, base64.size() - 1) + "\n",
                    "command=\"x " + kEd25519 + "\n", base64 + "\n", "a b " + kEd25519 + "\n");
  CAPTURE(file);
  CHECK(added(file) == file + kEd25519 + " noports:@alice\n");
}

TEST_CASE("permissions cannot break the line", "[proto][hostile]") {
  const auto permissions =
      GENERATE(as<std::string>{}, "restrict\nssh-rsa AAAA", "restrict\r", "a\x01", "restrict, pty",
               "command=\"x", "command=\"x\\\"", "#restrict", "ssh-rsa");
  CAPTURE(permissions);
  const auto file = add_to_authorized_keys("", key(), permissions, "@alice");
  if (permissions == "restrict\r") {
    CHECK_FALSE(file);
    return;
  }
  REQUIRE_FALSE(file);
  CHECK(file.error().code() == Errc::config);
}

TEST_CASE("the sender cannot break the line", "[proto][hostile]") {
  for (const auto* from : {"", "@", "@a\nssh-rsa AAAA", "@a b"}) {
    CHECK_FALSE(add_to_authorized_keys("", key(), "", from));
  }
}

namespace {

// A private key's file whose cipher is unknown to us: what is encrypted is not looked at.
std::string private_file(const std::string& blob, const std::string& count = {0, 0, 0, 1}) {
  const std::string magic("openssh-key-v1\0", 15);
  const auto base64 =
      crypto::base64(magic + ssh_string("aes256-ctr") + ssh_string("bcrypt") + ssh_string("salt") +
                     count + ssh_string(blob) + ssh_string(std::string(200, 'x')));
  std::string text = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  for (std::size_t i = 0; i < base64.size(); i += 70) text += base64.substr(i, 70) + "\n";
  return text + "-----END OPENSSH PRIVATE KEY-----\n";
}

std::string blob_of(const std::string& line) {
  return *crypto::base64_decode(line.substr(line.find(' ') + 1));
}

}  // namespace

TEST_CASE("a private key's file tells its public half, also under a passphrase", "[proto]") {
  const auto found = SshPublicKey::of_private_file(private_file(blob_of(kEd25519)));
  REQUIRE(found);
  CHECK(found->str() == kEd25519);
  const auto rsa = key_line("ssh-rsa", {"ssh-rsa", "\1", std::string(256, 'n')});
  CHECK(SshPublicKey::of_private_file(private_file(blob_of(rsa))).value().str() == rsa);
}

TEST_CASE("what is no file of one private key tells nothing", "[proto][hostile]") {
  const auto whole = private_file(blob_of(kEd25519));
  const auto text =
      GENERATE_COPY(as<std::string>{}, "", "x", whole.substr(0, whole.size() - 40), whole.substr(1),
                    "-----BEGIN OPENSSH PRIVATE KEY-----", kEd25519,
                    "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\n*\n-----END OPENSSH PRIVATE KEY-----",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
                    private_file(blob_of(kEd25519), {0, 0, 0, 2}), private_file(""),
                    private_file("x"), private_file(ssh_string("ssh-dss") + ssh_string("k")),
                    private_file(blob_of(kEd25519) + "x"), std::string(70'000, 'A'));
  CAPTURE(text);
  CHECK_FALSE(SshPublicKey::of_private_file(text));
}

TEST_CASE("a private key's file that is cut anywhere tells nothing", "[proto][hostile]") {
  const auto blob = std::string("openssh-key-v1\0", 15) + ssh_string("none") + ssh_string("none") +
                    ssh_string("") + std::string{0, 0, 0, 1} + ssh_string(blob_of(kEd25519));
  for (std::size_t size = 0; size < blob.size(); ++size) {
    const auto text = "-----BEGIN OPENSSH PRIVATE KEY-----\n" +
                      crypto::base64(blob.substr(0, size)) +
                      "\n-----END OPENSSH PRIVATE KEY-----\n";
    CHECK_FALSE(SshPublicKey::of_private_file(text));
  }
}
