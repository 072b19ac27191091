// SPDX-License-Identifier: BSD-3-Clause
// at_activate: from an activation secret to a key file.
#include <filesystem>
#include <iostream>
#include <utility>

#include "at_activate/options.hpp"
#include "common/environment.hpp"
#include "common/run.hpp"
#include "noports/activate/onboard.hpp"
#include "noports/base/text.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/tls.hpp"

using namespace noports;

namespace {

using apps::at_activate::Options;

Result<std::filesystem::path> key_path(const Options& options) {
  if (options.key_file) return *options.key_file;
  auto home = apps::home_folder();
  if (!home) return fail(std::move(home).error());
  return keys::default_path(*home, *options.atsign);
}

void say(std::string_view text) { std::cerr << "[Information] " << printable(text) << std::endl; }

asio::awaitable<Result<int>> onboard(const Options& options) {
  auto path = key_path(options);
  if (!path) co_return fail(std::move(path).error());
  auto secret = apps::at_activate::read_secret(options);
  if (!secret) co_return fail(std::move(secret).error());
  auto trust = apps::trust_from_environment();
  trust.extra_ca = options.ca_file;
  auto context = net::client_context(trust);
  if (!context) co_return fail(std::move(context).error());

  say("Onboarding your atSign. This may take up to 2 minutes.");
  activate::Onboarding what{
      options.directory, *std::move(context), *options.atsign, *std::move(secret), *path,
      options.retries};
  auto done = co_await activate::onboard(std::move(what), say);
  if (!done) co_return fail(std::move(done).error());
  std::cout << "[Success] Your .atKeys file saved at " << path->string() << "\n\n" << std::flush;
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  Options options;
  std::vector<std::string> words;
  const auto program = apps::at_activate::describe(options);
  if (auto known = apps::at_activate::check_command(argc, argv); !known) {
    return apps::report(program.name, known.error());
  }
  const auto status = apps::begin(program, argc, argv, &words);
  apps::at_activate::hide_secret(options, argc, argv);
  if (status) return *status;
  if (auto checked = apps::at_activate::check(options, words); !checked) {
    return apps::report(program.name, checked.error());
  }
  return apps::run(program.name, [&] { return onboard(options); });
}
