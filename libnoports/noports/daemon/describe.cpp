// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/describe.hpp"

#include "noports/base/version.hpp"

namespace noports::daemon {
namespace {

constexpr const char* kFeatureLevel = "1.5.0";  // twin keys, the highest (noports-newer.md 3.3)

}  // namespace

proto::PingAnswer describe(const proto::DeviceName& device, const std::string& group,
                           const Rules& rules, const std::optional<signing::OwnKey>& escr_key) {
  proto::PingAnswer answer;
  answer.device_name = device.str();
  answer.device_group = group;
  answer.version = version();
  answer.core_version = version();
  answer.features.relay_auth = true;
  answer.features.encryption = true;
  answer.features.accepts_public_keys = rules.accepts_public_keys;
  answer.features.port_choice = true;
  answer.features.adjustable_timeout = true;
  answer.features.control_heartbeats = true;
  answer.features.twin_keys = true;
  answer.auth_modes = {"payload"};
  answer.features.escr = escr_key.has_value();
  if (escr_key) {
    answer.auth_modes.emplace_back("escr");
    answer.public_signing_key_uri = escr_key->record.str();
  }
  answer.np_cp_version = kFeatureLevel;
  answer.allowed_services = rules.permit.texts();
  return answer;
}

}  // namespace noports::daemon
