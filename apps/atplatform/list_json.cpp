// SPDX-License-Identifier: BSD-3-Clause
#include "atplatform/list_json.hpp"

#include <nlohmann/json.hpp>

namespace noports::apps::atplatform {

std::string json_text(const std::vector<atserver::Listed>& atsigns) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& one : atsigns) {
    nlohmann::ordered_json item = {{"atsign", one.atsign.str()}, {"port", nullptr}};
    if (one.port != 0) item["port"] = one.port;
    item["activated"] = one.is_activated;
    if (!one.joined.empty()) {
      item["activated"] = nullptr;  // only its own platform knows
      item["joined"] = one.joined + ":" + std::to_string(one.port);
    }
    list.push_back(std::move(item));
  }
  return list.dump();
}

}  // namespace noports::apps::atplatform
