// SPDX-License-Identifier: BSD-3-Clause
// The command connections of one atSign: a queue of verbs, never more than one in flight on each
// connection, repaired behind their users.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "noports/at/verb.hpp"
#include "noports/atclient/backoff.hpp"
#include "noports/atclient/bell.hpp"
#include "noports/atclient/login.hpp"

namespace noports::atclient {

class Commands {
 public:
  // Times of the main connection; tests shorten them.
  struct Pace {
    std::chrono::milliseconds idle{30'000};    // without a command: see whether it still lives
    std::chrono::milliseconds answer{5'000};   // for verbs that our atServer answers by itself
    std::chrono::milliseconds remote{15'000};  // for those that it must ask another one for
    std::chrono::milliseconds login{10'000};   // one attempt
  };

  Commands(asio::any_io_executor executor, Login& login);
  Commands(asio::any_io_executor executor, Login& login, Pace pace);

  // The first login of the main connection. Once, before serve().
  asio::awaitable<Result<void>> open(net::Deadline deadline);

  // The answer's text. On a connection that breaks, the verb is sent a second time: only verbs that
  // may be repeated belong here (a notify with an id may). While there is no connection it waits
  // for one, and ends at the deadline with what was in the way. Errors: at::to_error for a refusal;
  // timed_out, disconnected; those of Login::open() that waiting does not cure.
  asio::awaitable<Result<std::string>> ask(at::Verb verb, net::Deadline deadline);

  // Bodies of the tasks: the main connection, and one that helps while there is much to ask and
  // ends when it has been idle for 20 s. Both until cancelled.
  asio::awaitable<void> serve();
  asio::awaitable<void> assist();

  // ask() ends with disconnected, now and later.
  void close();

 private:
  struct Request;
  struct Asked;
  struct Lane;
  using RequestPtr = std::shared_ptr<Request>;

  asio::awaitable<Result<std::string>> answered(RequestPtr request);
  asio::awaitable<void> carry_out(Lane& lane, RequestPtr request);
  asio::awaitable<bool> reconnect(Lane& lane, RequestPtr request);
  asio::awaitable<Result<std::string>> put(Connection& connection, RequestPtr request);
  RequestPtr take();
  RequestPtr heartbeat(const Lane& lane) const;

  asio::any_io_executor executor_;
  Login& login_;
  Pace pace_;
  Backoff backoff_;
  std::deque<RequestPtr> waiting_;
  std::list<Request*> asked_;  // those that somebody waits for, in flight or not
  std::list<Lane*> lanes_;
  std::unique_ptr<Connection> first_;
  bool closed_ = false;
};

}  // namespace noports::atclient
