// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/background.hpp"
#include "common/progress.hpp"
#include "common/run.hpp"
#include "noports/base/version.hpp"
#include "noports/log/log.hpp"
#include "sshnp/menu.hpp"
#include "sshnp/options.hpp"
#include "sshnp/session.hpp"
#include "sshnp/ssh_config.hpp"

namespace {

using namespace noports;
using apps::sshnp::Options;

int list_devices(const Options& options) {
  return apps::run("sshnp", [&] {
    return apps::print_device_list(apps::sshnp::list_wish(options),
                                   apps::progress("sshnp", options.quiet));
  });
}

int print_ssh_config(const Options& options) {
  std::cout << apps::sshnp::ssh_config(options) << std::flush;
  return std::cout.good() ? 0 : 1;
}

int log_in(const Options& options) {
  std::optional<apps::Background> background;
  if (options.print_command) {  // before any thread or loop exists
    auto entered = apps::Background::enter();
    if (!entered) return apps::report("sshnp", entered.error());
    background.emplace(*std::move(entered));
  }
  auto* const behind = background ? &*background : nullptr;
  return apps::run("sshnp", [&] { return apps::sshnp::run_session(options, behind); });
}

// The command line and what it leads to in files, or the status to leave with.
std::optional<int> read_options(Options& options, int argc, char** argv) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto program = apps::sshnp::program(options);
  if (const auto status = apps::begin(program, argc, argv)) return *status;
  const auto remarks = apps::sshnp::read_config(program, options, args);
  if (!remarks) return apps::report("sshnp", remarks.error());
  for (const auto& remark : *remarks) log::warn("sshnp", remark);
  if (auto checked = apps::sshnp::check(options); !checked) {
    if (args.empty()) std::cerr << version_line() << '\n';  // which scripts read
    return apps::report("sshnp", checked.error());
  }
  for (const auto& name : options.without_effect) {
    log::warn("sshnp", name + " is accepted and has no effect");
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  Options options;
  if (const auto status = read_options(options, argc, argv)) return *status;
  if (options.print_ssh_config) return print_ssh_config(options);
  if (auto found = apps::find_passphrase(options.key_access, *options.from); !found) {
    return apps::report("sshnp", found.error());
  }
  if (options.list_devices) return list_devices(options);
  if (apps::sshnp::may_ask(options)) {
    if (const auto status = apps::sshnp::ask_for_device(options)) return *status;
  }
  return log_in(options);
}
