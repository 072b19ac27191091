// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/platform.hpp"

#include <algorithm>
#include <asio/cancellation_state.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/atserver/administration.hpp"
#include "noports/atserver/certificates.hpp"
#include "noports/atserver/directory_server.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/guest_finder.hpp"
#include "noports/atserver/host_finder.hpp"
#include "noports/atserver/hosts.hpp"
#include "noports/atserver/join_desk.hpp"
#include "noports/atserver/keep_joined.hpp"
#include "noports/atserver/listener.hpp"
#include "noports/atserver/peer_trust.hpp"
#include "noports/atserver/statistics.hpp"
#include "noports/atserver/upkeep.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"
#include "noports/net/signals.hpp"

namespace noports::atserver {

struct Platform::Parts {
  Parts(asio::any_io_executor executor, PlatformOptions options_, FileLock lock_,
        std::unique_ptr<Store> store, net::TlsContext tls, std::filesystem::path ca_,
        net::Acceptor directory_)
      : options(std::move(options_)),
        lock(std::move(lock_)),
        ca(std::move(ca_)),
        services(std::move(executor), std::move(store), std::move(tls), options.limits),
        hosts(services, options.listen),
        directory(std::move(directory_)) {}

  void adopt(std::optional<Membership> membership_);

  PlatformOptions options;
  FileLock lock;
  std::filesystem::path ca;
  Services services;
  Hosts hosts;
  net::Acceptor directory;
  std::int64_t seen = 0;                 // version of the store when the hosts followed it
  std::optional<Membership> membership;  // of a guest
  std::optional<JoinTerms> terms;        // of what may be a host
};

namespace {

namespace fs = std::filesystem;

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::string_view kDirectoryPort = "directory_port";
constexpr std::chrono::seconds kSweepEvery{30};
constexpr std::chrono::minutes kListenEvery{1};
constexpr std::chrono::seconds kLookEvery{1};  // whether somebody else has written
constexpr std::chrono::hours kRenewEvery{24};

// What clients may call us. "Any address" is no name.
std::vector<std::string> certificate_names(const PlatformOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : {options.host_name, std::string("localhost"),
                                  std::string("127.0.0.1"), std::string("::1"), options.listen}) {
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (!known && name != "0.0.0.0" && name != "::") names.push_back(name);
  }
  return names;
}

Result<net::TlsContext> bare_context_of(const PlatformOptions& options,
                                        std::chrono::system_clock::time_point now) {
  if (options.join && !options.certificate) {
    const auto file = joined_certificate(options.dir);
    return net::server_context(file, file);
  }
  if (!options.certificate) return certified(options.dir, certificate_names(options), now);
  const auto& own = *options.certificate;
  if (auto good = check_certificate(own.chain, own.key, options.host_name, now); !good) {
    return fail(std::move(good).error());
  }
  return net::server_context(own.chain, own.key);
}

Result<net::TlsContext> context_of(const PlatformOptions& options,
                                   std::chrono::system_clock::time_point now) {
  auto context = bare_context_of(options, now);
  if (context) net::accept_http(**context);  // see http_lookup.hpp
  return context;
}

Result<net::Acceptor> listen_directory(asio::any_io_executor executor, Store& store,
                                       const PlatformOptions& options) {
  Database::Scope scope(store.database());
  auto port = options.directory_port;
  if (port == 0) {
    const auto remembered = store.accounts.setting(kDirectoryPort);
    port = remembered ? parse_port(*remembered).value_or(0) : port;
  }
  auto acceptor = port != 0 ? net::listen(executor, options.listen, port)
                            : listen_anywhere(executor, options.listen);
  if (!acceptor) return fail(std::move(acceptor).error().during("the port of the directory"));
  if (port == 0) {
    std::error_code code;
    store.accounts.set_setting(kDirectoryPort,
                               std::to_string(acceptor->local_endpoint(code).port()));
  }
  if (auto kept = scope.finish(); !kept) return fail(std::move(kept).error());
  return acceptor;
}

asio::awaitable<void> keep_swept(Services& services) {
  for (;;) {
    co_await net::pause(kSweepEvery);
    co_await sweep(services, wall_clock());
  }
}

// 0 when it cannot be read.
std::int64_t others_version(Store& store) {
  Database::Scope scope(store.database());
  const auto version = store.database().others_version();
  return scope.finish() ? version : 0;
}

// `atplatform add`, `remove`, `reset` and `import` write beside us.
// `seen`: the version that the hosts have followed already.
asio::awaitable<void> keep_listening(Services& services, Hosts& hosts, std::int64_t seen) {
  auto again = net::in(kListenEvery);  // for ports that were taken
  for (;;) {
    co_await net::pause(kLookEvery);
    const auto version = others_version(*services.store);
    const bool is_due = net::Deadline::clock::now() >= again;
    if (version == seen && !is_due) continue;
    seen = version;
    again = net::in(kListenEvery);
    if (const auto followed = hosts.follow_store(); !followed) {
      log::error("atserver", "the atSigns cannot be read", {{"why", followed.error().what()}});
    }
    services.commits->after([](bool) {});
  }
}

}  // namespace

namespace {

void report(const Result<void>& renewed) {
  if (renewed) return;
  log::error("atserver", "the certificate cannot be renewed; the one before stays",
             {{"why", renewed.error().what()}});
}

Result<std::optional<Membership>> membership_of(const PlatformOptions& options, Store& store,
                                                std::chrono::system_clock::time_point now) {
  if (!options.join) {
    forget_membership(options.dir);
    return std::optional<Membership>();
  }
  auto made = Membership::open(store, options.dir, *options.join, options.trust, options.host_name,
                               options.certificate.has_value());
  if (!made) return fail(std::move(made).error());
  if (auto ready = made->check_certificate(now); !ready) return fail(std::move(ready).error());
  return std::optional<Membership>(*std::move(made));
}

Result<fs::path> authority_of(const PlatformOptions& options,
                              const std::optional<Membership>& membership,
                              std::chrono::system_clock::time_point now) {
  if (membership) return membership->authority();
  if (options.certificate) return fs::path();
  return ensure_authority(options.dir, now);
}

// For `atplatform join-token`, which has the folder alone.
Result<void> note_issuing(Store& store, const PlatformOptions& options) {
  Database::Scope scope(store.database());
  const std::string now = options.certificate ? "no" : "yes";
  if (store.accounts.setting(kIssuesCertificates).value_or("yes") != now) {
    store.accounts.set_setting(kIssuesCertificates, now);
  }
  return scope.finish();
}

std::unique_ptr<Elsewhere> elsewhere_of(const PlatformOptions& options, const fs::path& authority,
                                        const std::optional<Membership>& membership, Store& store) {
  if (!membership) return std::make_unique<GuestFinder>(store, options.trust, authority);
  auto to_peers = [trust = options.trust, authority] { return peer_context(trust, authority); };
  return std::make_unique<HostFinder>(membership->host(), membership->to_host(),
                                      std::move(to_peers));
}

}  // namespace

asio::awaitable<Result<void>> prepare_to_join(PlatformOptions options, net::Deadline deadline) {
  if (!options.join || options.certificate) co_return Result<void>();
  auto store = Store::open_in(options.dir);
  if (!store) co_return fail(std::move(store).error());
  auto membership = Membership::open(**store, options.dir, *options.join, options.trust,
                                     options.host_name, false);
  if (!membership) co_return fail(std::move(membership).error());
  const auto now = std::chrono::system_clock::now();
  if (membership->check_certificate(now)) co_return Result<void>();
  auto joined = co_await membership->join(std::nullopt, now, deadline);
  if (!joined) co_return fail(std::move(joined).error());
  co_return Result<void>();
}

Result<std::unique_ptr<Platform>> Platform::open(asio::any_io_executor executor,
                                                 PlatformOptions options) {
  auto store = Store::open_in(options.dir);
  if (!store) return fail(std::move(store).error());
  auto lock = FileLock::take(options.dir / "serve.lock", FileLock::Patience::none);
  if (!lock) {
    if (lock.error().code() != Errc::busy) return fail(std::move(lock).error());
    return fail(Error(Errc::busy, options.dir.string() + " is being served already")
                    .hint("stop the other atplatform, or use another folder"));
  }
  const auto now = std::chrono::system_clock::now();
  auto membership = membership_of(options, **store, now);
  if (!membership) return fail(std::move(membership).error());
  auto tls = context_of(options, now);
  if (!tls) return fail(std::move(tls).error());
  auto ca = authority_of(options, *membership, now);
  if (!ca) return fail(std::move(ca).error());
  if (auto noted = note_issuing(**store, options); !noted) return fail(std::move(noted).error());
  auto directory = listen_directory(executor, **store, options);
  if (!directory) return fail(std::move(directory).error());
  auto parts =
      std::make_unique<Parts>(executor, std::move(options), *std::move(lock), *std::move(store),
                              *std::move(tls), *std::move(ca), *std::move(directory));
  parts->adopt(*std::move(membership));
  parts->seen = others_version(*parts->services.store);
  auto opened = parts->hosts.follow_store();
  if (opened) opened = parts->services.store->commit();
  if (!opened) return fail(std::move(opened).error());
  return std::unique_ptr<Platform>(new Platform(std::move(parts)));
}

Platform::Platform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Platform::~Platform() = default;

const std::string& Platform::host_name() const noexcept { return parts_->options.host_name; }
const fs::path& Platform::ca_file() const noexcept { return parts_->ca; }

std::uint16_t Platform::directory_port() const noexcept {
  std::error_code code;
  return parts_->directory.local_endpoint(code).port();
}

void Platform::set_elsewhere(std::unique_ptr<Elsewhere> elsewhere) {
  parts_->services.elsewhere = std::move(elsewhere);
}

asio::awaitable<Result<void>> Platform::serve() {
  return net::scoped(parts_->services.tasks, run());
}

Result<void> Platform::renew_certificate(std::chrono::system_clock::time_point now) {
  auto tls = context_of(parts_->options, now);
  if (!tls) return fail(std::move(tls).error());
  parts_->services.tls = *std::move(tls);
  return {};
}

void Platform::Parts::adopt(std::optional<Membership> membership_) {
  membership = std::move(membership_);
  services.elsewhere = elsewhere_of(options, ca, membership, *services.store);
  if (membership) return;
  terms = JoinTerms{options.dir, !options.certificate, options.host_name};
}

asio::awaitable<void> Platform::keep_certified() {
  net::Hangups hangups(parts_->services.tasks.executor());
  for (;;) {
    const auto told = co_await net::before(net::in(kRenewEvery), hangups.next());
    const auto done = renew_certificate(std::chrono::system_clock::now());
    report(done);
    if (done && told) {
      log::info("atserver", "the certificate was read again");
    }
  }
}

asio::awaitable<Result<void>> Platform::run() {
  auto& parts = *parts_;
  auto& services = parts.services;
  auto serve = [&parts](net::Socket socket, Admission::Slot slot) {
    const auto* terms = parts.terms ? &*parts.terms : nullptr;
    return serve_directory(parts.services, parts.hosts, parts.options.host_name, terms,
                           std::move(socket), std::move(slot));
  };
  services.tasks.spawn(accept_all(services, services.tasks, services.directory_strangers,
                                  parts.directory, "the directory", std::move(serve)));
  parts.hosts.start();
  services.outbox->start();
  services.tasks.spawn(keep_listening(services, parts.hosts, parts.seen));
  services.tasks.spawn(keep_swept(services));
  services.commits->on_commit([&services] { tell_commits(services); });
  services.tasks.spawn(keep_telling(services));
  services.tasks.spawn(keep_certified());
  if (parts.membership) {
    auto certified = [this] { report(renew_certificate(std::chrono::system_clock::now())); };
    services.tasks.spawn(keep_joined(parts.hosts, *parts.membership, parts.options.join->every,
                                     std::move(certified)));
  }
  asio::steady_timer never(services.tasks.executor(), asio::steady_timer::time_point::max());
  co_await never.async_wait(kTuple);
  // Cancelled. What is left to do takes a bounded time, and is not cancelled again.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  std::error_code ignored;
  parts.directory.close(ignored);
  parts.hosts.close();
  if (!co_await services.drain.finish(net::in(services.limits.drain))) {
    log::warn("atserver", "stopped before every request was answered");
  }
  services.commits->on_commit(nullptr);
  services.commits->commit();
  // One turn, in which the answers of that batch go to their sockets.
  co_await asio::post(services.tasks.executor(), asio::use_awaitable);
  co_await parts.hosts.join();
  co_return Result<void>();
}

}  // namespace noports::atserver
