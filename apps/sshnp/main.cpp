// SPDX-License-Identifier: BSD-3-Clause
#include <optional>
#include <utility>

#include "common/background.hpp"
#include "common/run.hpp"
#include "sshnp/options.hpp"
#include "sshnp/session.hpp"

int main(int argc, char** argv) {
  using namespace noports;
  apps::harden_process();
  apps::sshnp::Options options;
  const auto program = apps::sshnp::program(options);
  if (const auto status = apps::begin(program, argc, argv)) return *status;
  if (auto checked = apps::sshnp::check(options); !checked) {
    return apps::report("sshnp", checked.error());
  }
  if (auto found = apps::find_passphrase(options.key_access, *options.from); !found) {
    return apps::report("sshnp", found.error());
  }
  std::optional<apps::Background> background;
  if (options.print_command) {  // before any thread or loop exists
    auto entered = apps::Background::enter();
    if (!entered) return apps::report("sshnp", entered.error());
    background.emplace(*std::move(entered));
  }
  auto* const behind = background ? &*background : nullptr;
  return apps::run("sshnp", [&] { return apps::sshnp::run_session(options, behind); });
}
