// SPDX-License-Identifier: BSD-3-Clause
#include "two_platforms.hpp"

#include <algorithm>
#include <fstream>

namespace noports::test {

Stranger::Stranger(asio::io_context& loop, Authority& authority, Script script)
    : loop_(loop),
      tls_(authority.server_context()),
      script_(std::move(script)),
      acceptor_(*net::listen(loop.get_executor(), "127.0.0.1", 0)),
      port_(acceptor_.local_endpoint().port()),
      tasks_(loop.get_executor(), [](std::exception_ptr) {}) {
  tasks_.spawn(serve());
}

Stranger::~Stranger() {
  acceptor_.close();
  tasks_.cancel();
  run(loop_, tasks_.join());
}

bool Stranger::has_heard(const std::string& line) const {
  return std::find(heard_.begin(), heard_.end(), line) != heard_.end();
}

asio::awaitable<void> Stranger::serve() {
  for (;;) {
    auto socket = co_await net::accept(acceptor_);
    if (!socket) co_return;
    tasks_.spawn(converse(*std::move(socket)));
  }
}

asio::awaitable<void> Stranger::converse(net::Socket socket) {
  auto stream = co_await net::accept_tls(tls_, std::move(socket), net::in(kPatience));
  if (!stream) co_return;
  auto sent = co_await (*stream)->write_all("@");
  while (sent) {
    auto line = co_await (*stream)->read_line();
    if (!line) co_return;
    heard_.push_back(*line);
    auto answer = script_(*line);
    if (!answer.empty()) sent = co_await (*stream)->write_all(std::move(answer));
  }
}

TwoPlatforms::TwoPlatforms() {
  const auto knows = [this](std::unique_ptr<Running>& other) {
    return [this, &other] {
      return std::make_unique<TestElsewhere>(places, [this, &other] { return trust(*other); });
    };
  };
  here = std::make_unique<Running>(loop, knows(there));
  there = std::make_unique<Running>(loop, knows(here));
  here->activate("alice");
  there->activate("bob");
  places.ports["@alice"] = here->port_of("alice");
  places.ports["@bob"] = there->port_of("bob");
}

net::TlsContext TwoPlatforms::trust(const Running& other) {
  const auto file = folder.path() / "both.pem";
  std::ofstream both(file, std::ios::trunc);
  both << std::ifstream(authority.ca_file()).rdbuf() << std::ifstream(other.ca_file()).rdbuf();
  both.close();
  net::Trust trust;
  trust.cert_file = file;
  return *net::client_context(trust);
}

}  // namespace noports::test
