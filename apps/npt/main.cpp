// SPDX-License-Identifier: BSD-3-Clause
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/background.hpp"
#include "common/run.hpp"
#include "npt/forwarding.hpp"
#include "npt/options.hpp"
#include "npt/tunnel.hpp"

int main(int argc, char** argv) {
  using namespace noports;
  apps::harden_process();
  apps::npt::Options options;
  std::vector<std::string> words;
  const auto program = apps::npt::program(options);
  if (const auto status = apps::begin(program, argc, argv, &words)) return *status;
  if (auto checked = apps::npt::check(options, words); !checked) {
    return apps::report("npt", checked.error());
  }
  if (auto found = apps::find_passphrase(options.key_access, *options.from); !found) {
    return apps::report("npt", found.error());
  }
  std::optional<apps::Background> background;
  if (options.exit_when_connected) {  // before any thread or loop exists
    auto entered = apps::Background::enter();
    if (!entered) return apps::report("npt", entered.error());
    background.emplace(*std::move(entered));
  }
  auto* const behind = background ? &*background : nullptr;
  const auto work = options.forwards.empty() ? apps::npt::run_tunnel : apps::npt::run_forwarding;
  return apps::run("npt", [&] { return work(options, behind); });
}
