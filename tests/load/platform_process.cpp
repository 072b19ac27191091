// SPDX-License-Identifier: BSD-3-Clause
#include "platform_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::test {
namespace {

std::string line_from(int fd) {
  std::string line;
  char byte = 0;
  while (::read(fd, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

std::string challenge_of(RawClient& client, const std::string& name) {
  const auto answer = client.ask("from:@" + name);
  REQUIRE(answer.starts_with("data:_"));
  return answer.substr(5, answer.find('\n') - 5);
}

std::string pkam(const std::string& challenge) {
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  return "pkam:" + crypto::base64(*key.sign(challenge));
}

}  // namespace

PlatformProcess::~PlatformProcess() {
  if (pid_ > 0) kill();
}

void PlatformProcess::start() {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const auto folder = dir().string();
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(NOPORTS_ATPLATFORM, "atplatform", "serve", "--dir", folder.c_str(), "--directory-port",
            "0", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  out_ = ends[0];
  const auto ready = line_from(out_);
  REQUIRE(ready.starts_with("directory localhost:"));
  port_ = static_cast<std::uint16_t>(std::stoi(ready.substr(20)));
  net::Trust trust;
  trust.cert_file = dir() / "ca.pem";
  tls = *net::client_context(trust);
}

void PlatformProcess::kill() {
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  ::close(std::exchange(out_, -1));
}

int PlatformProcess::stop() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  ::close(std::exchange(out_, -1));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::size_t PlatformProcess::memory() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/statm");
  std::size_t whole = 0, resident = 0;
  in >> whole >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::uint16_t PlatformProcess::port_of(const std::string& name) {
  RawClient directory(loop, tls, port_);
  REQUIRE(directory.read() == "@");
  const auto answer = directory.ask(name);
  REQUIRE(answer.starts_with("localhost:"));
  return static_cast<std::uint16_t>(std::stoi(answer.substr(10)));
}

void PlatformProcess::activate(const std::string& name) {
  const auto secret = *atserver::add_atsign(dir(), atsign("@" + name));
  RawClient client(loop, tls, port_of(name));
  REQUIRE(client.read() == "@");
  const auto cram = crypto::cram_digest(secret.text(), challenge_of(client, name));
  REQUIRE(client.ask("cram:" + cram).starts_with("data:success"));
  REQUIRE(client.ask("update:privatekey:at_pkam_publickey " + vector_of("k1Public"))
              .starts_with("data:"));
  REQUIRE(client.ask("update:public:publickey@" + name + " " + vector_of("k1Public"))
              .starts_with("data:"));
  REQUIRE(client.ask("delete:privatekey:at_secret").starts_with("data:"));
}

std::unique_ptr<RawClient> PlatformProcess::login(const std::string& name, std::uint16_t port) {
  auto client = std::make_unique<RawClient>(loop, tls, port);
  REQUIRE(client->read() == "@");
  REQUIRE(client->ask(pkam(challenge_of(*client, name))).starts_with("data:success"));
  return client;
}

}  // namespace noports::test
