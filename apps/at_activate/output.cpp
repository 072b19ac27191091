// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/output.hpp"

#include <nlohmann/json.hpp>

#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

using Json = nlohmann::ordered_json;

std::string padded(std::string_view text, std::size_t width) {
  auto shown = printable(text);
  if (shown.size() < width) shown.append(width - shown.size(), ' ');
  return shown + " ";
}

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const activate::Enrolment& one) {
  Json json;
  json["enrollmentId"] = one.id;
  json["status"] = one.status;
  json["appName"] = one.app_name;
  json["deviceName"] = one.device_name;
  json["namespaces"] = Json::object();
  for (const auto& space : one.namespaces) json["namespaces"][space.name] = space.access;
  return json;
}

}  // namespace

std::string as_table(const std::vector<activate::Enrolment>& all) {
  constexpr std::size_t kId = 38, kStatus = 10, kApp = 20, kDevice = 38;
  std::string text = "Found " + std::to_string(all.size()) + " matching enrollment records\n";
  text += padded("Enrollment ID", kId) + padded("Status", kStatus) + padded("AppName", kApp) +
          padded("DeviceName", kDevice) + "Namespaces\n";
  for (const auto& one : all) {
    text += padded(one.id, kId) + padded(one.status, kStatus) + padded(one.app_name, kApp) +
            padded(one.device_name, kDevice) + printable(text_of(one.namespaces), 4000) + "\n";
  }
  return text;
}

std::string as_map(const activate::Enrolment& one) {
  return printable("{appName: " + one.app_name + ", deviceName: " + one.device_name +
                       ", namespace: " + text_of(one.namespaces) + ", status: " + one.status + "}",
                   4000);
}

std::string as_json(const std::vector<activate::Enrolment>& all) {
  auto json = Json::array();
  for (const auto& one : all) json.push_back(json_of(one));
  return line(json);
}

std::string as_json(const activate::Enrolment& one) { return line(json_of(one)); }

std::string members_as_json(const std::vector<std::pair<std::string_view, std::string>>& members) {
  auto json = Json::object();
  for (const auto& [name, value] : members) json[std::string(name)] = value;
  return line(json);
}

std::string status_as_json(int number, const std::string& why) {
  return line(Json{{"status", number}, {"reason", why}});
}

}  // namespace noports::apps::at_activate
