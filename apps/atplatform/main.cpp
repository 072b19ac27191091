// SPDX-License-Identifier: BSD-3-Clause
// atplatform: the atDirectory and atServers on one machine.
#include <asio/this_coro.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "atplatform/list_json.hpp"
#include "atplatform/options.hpp"
#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/atserver/administration.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/transfer.hpp"

using namespace noports;
using apps::atplatform::Command;
using apps::atplatform::Options;

namespace {

constexpr std::chrono::seconds kJoinPatience{20};

asio::awaitable<Result<int>> serve(const Options& options) {
  const auto executor = co_await asio::this_coro::executor;
  auto ready = co_await atserver::prepare_to_join(options.platform(), net::in(kJoinPatience));
  if (!ready) co_return fail(std::move(ready).error());
  auto platform = atserver::Platform::open(executor, options.platform());
  if (!platform) co_return fail(std::move(platform).error());
  std::printf("directory %s:%u\n", (*platform)->host_name().c_str(),
              unsigned{(*platform)->directory_port()});
  std::unique_ptr<atserver::Registrar> registrar;
  if (auto wanted = options.registrar()) {
    auto opened = atserver::Registrar::open(*std::move(wanted));
    if (!opened) co_return fail(std::move(opened).error());
    registrar = *std::move(opened);
    std::printf("registrar %s:%u\n", (*platform)->host_name().c_str(), unsigned{registrar->port()});
  }
  std::fflush(stdout);
  auto served = co_await (*platform)->serve();
  if (!served) co_return fail(std::move(served).error());
  co_return 0;
}

// `text` ends in a line end.
Result<void> print_secret(std::string_view text, const std::string& what, const std::string& how) {
  // Not through a buffer that is never wiped.
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return fail(Error(Errc::io, what + " could not be printed, and cannot be shown again")
                  .hint("get a new one with " + how));
}

Result<void> print(const Result<crypto::Secret>& secret) {
  if (!secret) return fail(secret.error());
  const std::string how = "atplatform reset";
  auto printed = print_secret(secret->text(), "the CRAM secret", how);
  return printed ? print_secret("\n", "the CRAM secret", how) : printed;
}

Result<void> list(const Options& options) {
  const auto atsigns = atserver::list_atsigns(options.dir);
  if (!atsigns) return fail(atsigns.error());
  if (options.json) {
    std::puts(apps::atplatform::json_text(*atsigns).c_str());
    return {};
  }
  for (const auto& one : *atsigns) {
    if (!one.joined.empty()) {
      std::printf("%s %u joined %s:%u\n", one.atsign.str().c_str(), unsigned{one.port},
                  one.joined.c_str(), unsigned{one.port});
      continue;
    }
    const std::string port = one.port == 0 ? "-" : std::to_string(one.port);
    std::printf("%s %s %s\n", one.atsign.str().c_str(), port.c_str(),
                one.is_activated ? "activated" : "not activated");
  }
  return {};
}

Result<void> import_(const Options& options) {
  const auto atsign = atserver::import_atsign(options.dir, *options.file);
  if (!atsign) return fail(atsign.error());
  std::puts(atsign->str().c_str());
  return {};
}

Result<void> ca(const Options& options) {
  const auto file = atserver::find_authority(options.dir);
  if (!file) return fail(file.error());
  std::puts(std::filesystem::absolute(*file).c_str());
  return {};
}

// "2026-11-26T19:03:07Z"
std::string moment_text(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

Result<void> list_tokens(const Options& options) {
  const auto tokens = atserver::list_join_tokens(options.dir);
  if (!tokens) return fail(tokens.error());
  for (const auto& one : *tokens) {
    const std::string host = one.host.empty() ? "-" : one.host;
    const std::string seen = one.seen == 0 ? "-" : moment_text(one.seen);
    std::printf("%s %s %lld %s\n", one.id.c_str(), host.c_str(),
                static_cast<long long>(one.atsigns), seen.c_str());
  }
  return {};
}

Result<void> join_token(const Options& options) {
  if (options.list_tokens) return list_tokens(options);
  if (options.revoke) return atserver::revoke_join_token(options.dir, *options.revoke);
  std::optional<atserver::NewFile> file;
  if (options.token_file) {  // before there is a token that nobody has seen
    auto made = atserver::NewFile::create(*options.token_file);
    if (!made) return fail(std::move(made).error());
    file.emplace(*std::move(made));
  }
  const auto token = atserver::make_join_token(options.dir);
  if (!token) return fail(token.error());
  if (!file) return print_secret(token->text(), "the token", "atplatform join-token");
  if (auto written = file->append(token->text()); !written) return written;
  return file->finish();
}

int finish(const Result<void>& done) { return done ? 0 : apps::report("atplatform", done.error()); }

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  Options options;
  std::vector<std::string> words;
  const auto program = apps::atplatform::describe(options);
  if (const auto status = apps::begin(program, argc, argv, &words)) return *status;
  if (const auto checked = apps::atplatform::check(options, words); !checked) {
    return apps::report("atplatform", checked.error());
  }
  switch (options.command) {
    case Command::add:
      return finish(print(atserver::add_atsign(options.dir, *options.atsign)));
    case Command::remove:
      return finish(atserver::remove_atsign(options.dir, *options.atsign));
    case Command::reset:
      return finish(print(atserver::reset_atsign(options.dir, *options.atsign)));
    case Command::export_:
      return finish(atserver::export_atsign(options.dir, *options.atsign, *options.file));
    case Command::import_:
      return finish(import_(options));
    case Command::list:
      return finish(list(options));
    case Command::ca:
      return finish(ca(options));
    case Command::join_token:
      return finish(join_token(options));
    case Command::serve:
      break;
  }
  apps::log_as_service();
  apps::raise_descriptor_limit();
  return apps::run("atplatform", [&] { return serve(options); });
}
