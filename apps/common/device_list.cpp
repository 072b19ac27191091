// SPDX-License-Identifier: BSD-3-Clause
#include "common/device_list.hpp"

#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/account.hpp"
#include "common/run.hpp"
#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto kLoginPatience = 20s;  // as for any peer (noports-wire.md 15)
constexpr std::size_t kHelpers = 2;   // many devices are asked at once

std::string entry(const client::Listed& one, bool is_of_one) {
  std::string text = "  " + one.device.name.str();
  if (!is_of_one) text += one.device.atsign.str();
  if (!one.info) return text + "\n";
  text += " - v" + printable(one.info->version, 40) + " (core v" +
          printable(one.info->core_version, 40) + ")\n";
  if (one.info->allowed_services.empty()) return text;
  text += "  - allowedServices:";
  for (const auto& service : one.info->allowed_services) text += " " + printable(service, 300);
  return text + "\n";
}

std::string section(const std::vector<client::Listed>& all, bool is_active, bool is_of_one) {
  std::string text = is_active ? "Active Devices:\n" : "Inactive Devices:\n";
  bool is_empty = true;
  for (const auto& one : all) {
    if (one.is_active != is_active) continue;
    text += entry(one, is_of_one);
    is_empty = false;
  }
  return is_empty ? text + "  No devices found\n" : text;
}

}  // namespace

std::string device_list_text(const std::vector<client::Listed>& all, bool is_of_one) {
  if (all.empty()) return "[X] No devices found\n";
  return section(all, true, is_of_one) + section(all, false, is_of_one);
}

std::string device_list_json(const std::vector<client::Listed>& all) {
  using Json = nlohmann::ordered_json;
  auto list = Json::array();
  for (const auto& one : all) {
    Json item = {{"device", one.device.name.str()}, {"atsign", one.device.atsign.str()},
                 {"active", one.is_active},         {"version", nullptr},
                 {"coreVersion", nullptr},          {"group", nullptr},
                 {"allowedServices", nullptr}};
    if (one.info) {
      item["version"] = one.info->version;
      item["coreVersion"] = one.info->core_version;
      item["group"] = one.info->device_group;
      item["allowedServices"] = one.info->allowed_services;
    }
    list.push_back(std::move(item));
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

asio::awaitable<Result<std::vector<client::Listed>>> find_devices(ListWish wish, Say say) {
  auto account = co_await open_account(wish.from, wish.key_access, wish.directory, wish.ca_file);
  if (!account) co_return fail(std::move(account).error());
  account->helpers = kHelpers;
  auto mail = co_await atclient::connect(*std::move(account), net::in(kLoginPatience));
  if (!mail) co_return fail(std::move(mail).error());
  say("Searching for devices...");
  auto& mailbox = **mail;
  const std::function<asio::awaitable<void>()> closing = [&mailbox] { return mailbox.close(); };
  co_return co_await finally(client::list_devices(mailbox, wish.of, wish.patience), closing);
}

asio::awaitable<Result<int>> print_device_list(ListWish wish, Say say) {
  const bool is_of_one = wish.of.has_value();
  const bool as_json = wish.as_json;
  auto all = co_await find_devices(std::move(wish), std::move(say));
  if (!all) co_return fail(std::move(all).error());
  std::cout << (as_json ? device_list_json(*all) : device_list_text(*all, is_of_one)) << std::flush;
  if (!std::cout.good()) co_return fail(Errc::io, "the list cannot be printed");
  co_return 0;
}

}  // namespace noports::apps
