// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/hosts.hpp"

#include <set>

#include "noports/atserver/connection.hpp"
#include "noports/atserver/listener.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {

Hosts::Host::Host(Account account_, net::Acceptor acceptor_, net::TaskGroup& services)
    : account(std::move(account_)),
      acceptor(std::move(acceptor_)),
      tasks(services.executor(), log::escapes("atserver")) {}

Result<void> Hosts::follow_store() {
  if (closed_) return {};
  std::vector<Account> accounts;
  {
    Database::Scope scope(services_.store->database());
    accounts = services_.store->accounts.all();
    if (auto read = scope.finish(); !read) return read;
  }
  std::erase_if(retired_, [](const auto& host) { return host->tasks.size() == 0; });
  std::set<std::int64_t> here;
  for (const auto& account : accounts) here.insert(account.id);
  for (auto next = hosts_.begin(); next != hosts_.end();) {
    const auto host = next++;
    if (here.contains(host->second->account.id)) continue;
    log::info("atserver", "an atServer ends: its atSign was removed", {{"atsign", host->first}});
    retire(std::move(host->second));
    hosts_.erase(host);
  }
  for (auto& account : accounts) {
    if (!hosts_.contains(account.atsign.str())) try_open(std::move(account));
  }
  return {};
}

void Hosts::retire(std::unique_ptr<Host> host) {
  std::error_code ignored;
  host->acceptor.close(ignored);
  host->tasks.cancel();
  ++changes_;
  retired_.push_back(std::move(host));
}

std::optional<std::uint16_t> Hosts::try_open(Account account) {
  if (closed_) return std::nullopt;
  const auto name = account.atsign.str();
  const auto wanted = account.port;
  const auto port = open(std::move(account));
  if (port) {
    unheard_.erase(name);
    return *port;
  }
  if (unheard_.insert(name).second) {
    log::warn("atserver", "an atServer cannot listen; it is tried again every minute",
              {{"atsign", name}, {"port", wanted}, {"why", port.error().what()}});
  }
  return std::nullopt;
}

Result<std::uint16_t> Hosts::open(Account account) {
  const auto executor = services_.tasks.executor();
  auto acceptor = account.port != 0 ? net::listen(executor, address_, account.port)
                                    : listen_anywhere(executor, address_);
  if (!acceptor)
    return fail(std::move(acceptor).error().during("the port of " + account.atsign.str()));
  std::error_code code;
  const auto port = acceptor->local_endpoint(code).port();
  if (account.port == 0) {
    Database::Scope scope(services_.store->database());
    services_.store->accounts.set_port(account.id, port);
    if (auto kept = scope.finish(); !kept) return fail(std::move(kept).error());
    account.port = port;
  }
  const std::string name = account.atsign.str();
  auto host = std::make_unique<Host>(std::move(account), *std::move(acceptor), services_.tasks);
  if (started_) accept_for(*host);
  hosts_.emplace(name, std::move(host));
  ++changes_;
  log::info("atserver", "an atServer listens", {{"atsign", name}, {"port", port}});
  return port;
}

void Hosts::start() {
  started_ = true;
  for (auto& [name, host] : hosts_) accept_for(*host);
}

void Hosts::accept_for(Host& host) {
  auto serve = [this, account = host.account](net::Socket socket, Admission::Slot slot) {
    return serve_atserver(services_, std::move(socket), std::move(slot), account);
  };
  host.tasks.spawn(accept_all(services_, host.tasks, services_.strangers, host.acceptor,
                              host.account.atsign.str(), std::move(serve)));
}

std::optional<std::uint16_t> Hosts::port_of(const at::Atsign& atsign) {
  const auto known = hosts_.find(atsign.str());
  if (known != hosts_.end()) return known->second->account.port;
  std::optional<Account> account;
  {
    Database::Scope scope(services_.store->database());
    account = services_.store->accounts.find(atsign);
    if (!scope.finish()) return std::nullopt;
  }
  if (!account) return std::nullopt;
  return try_open(*std::move(account));
}

std::vector<HostedAtsign> Hosts::listed() const {
  std::vector<HostedAtsign> all;
  for (const auto& [name, host] : hosts_) {
    all.push_back(HostedAtsign{host->account.atsign, host->account.port});
  }
  return all;
}

void Hosts::close() {
  closed_ = true;
  std::error_code ignored;
  for (auto& [name, host] : hosts_) host->acceptor.close(ignored);
}

asio::awaitable<void> Hosts::join() {
  for (auto& [name, host] : hosts_) retire(std::move(host));
  hosts_.clear();
  for (const auto& host : retired_) co_await host->tasks.join();
  retired_.clear();
}

}  // namespace noports::atserver
