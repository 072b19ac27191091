// SPDX-License-Identifier: BSD-3-Clause
// An atDirectory and the atServer of @alice on loopback, over TLS, as small as the tests of
// connections need them: it logs in whoever signs properly, stores notifications, and breaks where
// it is told to.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fixtures.hpp"
#include "noports/atclient/bell.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/task_group.hpp"
#include "noports/net/tcp.hpp"
#include "support/certificates.hpp"
#include "support/loop.hpp"

namespace noports::test {

class FakeWorld {
 public:
  explicit FakeWorld(asio::io_context& loop);
  ~FakeWorld();

  atclient::Directory directory() const;
  net::TlsContext tls() const { return authority_.client_context(); }

  // ---- the directory ----
  std::map<std::string, std::string> hosts;  // name -> answer; "alice" is there
  std::size_t questions = 0;
  std::size_t deaf_to = 0;  // so many connections are closed at once

  // ---- the atServer ----
  std::vector<std::string> commands;  // of all connections, in order of arrival
  std::size_t logins = 0;
  bool is_pipelined = false;  // a command came before the one ahead of it was answered
  bool is_refusing = false;   // connections are closed at once
  bool is_silent = false;     // commands are read, and not answered
  // Instead of the usual answer to a line; an empty text closes the connection.
  std::function<std::optional<std::string>(const std::string& line)> script;

  // Stores a notification from @bob and pushes it to whoever monitors.
  void push(std::string id);
  // A line as it is to every monitor.
  void push_line(std::string line);
  // How many bytes of pushes the next monitor connections get before they are cut; none: no end.
  std::vector<std::size_t> budgets;
  std::size_t monitors() const;
  std::size_t connections() const { return open_.size(); }
  void cut();  // every connection to the atServer
  std::size_t count(std::string_view beginning) const;

 private:
  struct Peer;
  using PeerPtr = std::shared_ptr<Peer>;

  asio::awaitable<void> accept_directory();
  asio::awaitable<void> accept_server();
  asio::awaitable<void> answer_directory(net::Socket socket);
  asio::awaitable<void> serve(net::Socket socket);
  asio::awaitable<void> send_pushes(PeerPtr peer);
  std::string answer(Peer& peer, const std::string& line);
  void start_monitor(PeerPtr peer, const std::string& line);

  asio::io_context& loop_;
  Authority authority_;
  net::TlsContext context_;
  net::Acceptor directory_, server_;
  net::TaskGroup tasks_;
  std::vector<PeerPtr> open_;
  std::vector<std::pair<std::int64_t, std::string>> stored_;  // time, line
  std::int64_t clock_;
};

}  // namespace noports::test
