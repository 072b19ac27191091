// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/menu.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/device_list.hpp"
#include "common/progress.hpp"
#include "common/run.hpp"
#include "common/terminal.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnp {
namespace {

void order(std::vector<client::Listed>& all) {
  std::stable_partition(all.begin(), all.end(),
                        [](const client::Listed& one) { return one.is_active; });
}

asio::awaitable<Result<int>> look(const Options& options, std::vector<client::Listed>& found) {
  auto all = co_await find_devices(list_wish(options), progress("sshnp", options.quiet));
  if (!all) co_return fail(std::move(all).error());
  found = *std::move(all);
  co_return 0;
}

}  // namespace

bool may_ask(const Options& options) noexcept {
  return options.is_device_implied && !options.print_command && !options.stdio &&
         !options.print_ssh_config && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

std::string menu_text(std::vector<client::Listed> all) {
  order(all);
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    text += std::to_string(i + 1) + ") " + all[i].device.name.str();
    text += all[i].is_active ? "\n" : " (does not answer)\n";
  }
  return text + "Which device? [1] ";
}

Result<proto::DeviceName> choose(std::vector<client::Listed> all, std::string_view typed) {
  order(all);
  typed = trim(typed);
  const auto name = proto::DeviceName::parse(typed);
  for (const auto& one : all) {
    if (name && one.device.name == *name) return *name;
  }
  const auto number = typed.empty() ? std::optional<std::uint64_t>(1) : parse_number(typed);
  if (number && *number >= 1 && *number <= all.size()) return all[*number - 1].device.name;
  return fail(Error(Errc::config, printable(typed, 60) + " is none of these devices")
                  .hint("type a number of the list, or name the device with -d"));
}

std::optional<int> ask_for_device(Options& options) {
  std::vector<client::Listed> all;
  const int status = run("sshnp", [&] { return look(options, all); });
  if (status != 0) return status;
  if (all.empty()) return std::nullopt;
  auto typed = ask_line(menu_text(all));
  if (!typed) return report("sshnp", typed.error());
  auto device = choose(std::move(all), typed->text());
  if (!device) return report("sshnp", device.error());
  options.device = *std::move(device);
  options.is_device_implied = false;
  return std::nullopt;
}

}  // namespace noports::apps::sshnp
