// SPDX-License-Identifier: BSD-3-Clause
// Two platforms on one loop, each of which knows where the other's atSigns are and trusts its
// authority; and a stranger in the place of an atServer, who says what the test wants.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "noports/atserver/elsewhere.hpp"
#include "noports/net/task_group.hpp"
#include "running.hpp"
#include "support/certificates.hpp"

namespace noports::test {

// Where the atServers of a test are, as both platforms are told.
struct Places {
  std::map<std::string, std::uint16_t> ports;  // by "@alice"
  bool is_down = false;                        // nothing can be learnt
  std::vector<std::string> doubted;
};

class TestElsewhere final : public atserver::Elsewhere {
 public:
  TestElsewhere(Places& places, std::function<net::TlsContext()> tls)
      : places_(places), tls_(std::move(tls)) {}

  asio::awaitable<Result<atserver::Place>> find(at::Atsign atsign, net::Deadline) override {
    if (places_.is_down) co_return fail(Errc::disconnected, Hop::directory, "down");
    const auto port = places_.ports.find(atsign.str());
    if (port == places_.ports.end()) co_return fail(Errc::not_found, Hop::directory, "nobody");
    atserver::Place place;
    place.host = "localhost";
    place.port = port->second;
    co_return place;
  }
  void doubt(const at::Atsign& atsign) override { places_.doubted.push_back(atsign.str()); }
  net::TlsContext tls() override { return tls_(); }

 private:
  Places& places_;
  std::function<net::TlsContext()> tls_;
};

// A server with a certificate of `authority` that answers each line with what `script` makes of it,
// byte for byte; nothing: it stalls.
class Stranger {
 public:
  using Script = std::function<std::string(const std::string& line)>;
  Stranger(asio::io_context& loop, Authority& authority, Script script);
  ~Stranger();
  std::uint16_t port() const { return port_; }
  const std::vector<std::string>& heard() const { return heard_; }
  bool has_heard(const std::string& line) const;

 private:
  asio::awaitable<void> serve();
  asio::awaitable<void> converse(net::Socket socket);

  asio::io_context& loop_;
  net::TlsContext tls_;
  Script script_;
  net::Acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::vector<std::string> heard_;
  net::TaskGroup tasks_;
};

// @alice lives here, @bob there.
class TwoPlatforms {
 public:
  TwoPlatforms();
  // Trusts the other platform and `authority`, with which strangers are certified.
  net::TlsContext trust(const Running& other);

  asio::io_context loop;
  TempFolder folder;
  Authority authority;
  Places places;
  std::unique_ptr<Running> here, there;
};

}  // namespace noports::test
