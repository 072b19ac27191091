// SPDX-License-Identifier: BSD-3-Clause
// atplatform: the atDirectory and atServers on one machine.
#include <asio/this_coro.hpp>
#include <cstdio>

#include "atplatform/list_json.hpp"
#include "atplatform/options.hpp"
#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/atserver/administration.hpp"
#include "noports/atserver/transfer.hpp"

using namespace noports;
using apps::atplatform::Command;
using apps::atplatform::Options;

namespace {

asio::awaitable<Result<int>> serve(const Options& options) {
  const auto executor = co_await asio::this_coro::executor;
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

Result<void> print(const Result<crypto::Secret>& secret) {
  if (!secret) return fail(secret.error());
  // Not through a buffer that is never wiped.
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  const auto text = secret->text();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::puts("") < 0) {
    return fail(Error(Errc::io, "the CRAM secret could not be printed, and cannot be shown again")
                    .hint("get a new one with atplatform reset"));
  }
  return {};
}

Result<void> list(const Options& options) {
  const auto atsigns = atserver::list_atsigns(options.dir);
  if (!atsigns) return fail(atsigns.error());
  if (options.json) {
    std::puts(apps::atplatform::json_text(*atsigns).c_str());
    return {};
  }
  for (const auto& one : *atsigns) {
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
    case Command::serve:
      break;
  }
  apps::log_as_service();
  apps::raise_descriptor_limit();
  return apps::run("atplatform", [&] { return serve(options); });
}
