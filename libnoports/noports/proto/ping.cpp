// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/ping.hpp"

#include <array>

#include "noports/proto/json.hpp"

namespace noports::proto {
namespace {

constexpr std::size_t kMostModes = 16;       // two exist
constexpr std::size_t kMostServices = 1024;  // more rules than any permit list that was seen

struct Feature {
  bool Features::*flag;
  std::string_view member;  // name in supportedFeatures
  std::string_view wish;    // what the device does not do, after "does not "
};

// In the order in which a missing one is reported and in which they are emitted
// (noports-newer.md 3.3; the wishes: noports-wire.md 7).
constexpr std::array<Feature, 8> kFeatures = {{
    {&Features::relay_auth, "srAuth", "authenticate to the socket rendezvous"},
    {&Features::encryption, "srE2ee", "encrypt traffic to the socket rendezvous"},
    {&Features::accepts_public_keys, "acceptsPublicKeys", "accept ssh public keys from the client"},
    {&Features::port_choice, "supportsPortChoice", "support requests for specific device ports"},
    {&Features::adjustable_timeout, "adjustableTimeout",
     "support the 'timeout' value in npt session requests"},
    {&Features::control_heartbeats, "controlChannelHeartbeats",
     "support heartbeats on the control channel"},
    {&Features::escr, "supportsRamEscr", "support the 'ESCR' relay auth mode"},
    {&Features::twin_keys, "twinKeys", "support a session key for each direction"},
}};

std::string encode(const Features& features) {
  json::Writer out;
  for (const auto& feature : kFeatures) out.flag(feature.member, features.*feature.flag);
  return out.finish();
}

Features decode_features(const json::Object& in) {
  Features features;
  if (!in.has("supportedFeatures")) {
    features.accepts_public_keys = true;
    return features;
  }
  for (const auto& feature : kFeatures) {
    features.*feature.flag = in.is_true("supportedFeatures", feature.member);
  }
  return features;
}

}  // namespace

std::string encode(const PingAnswer& answer) {
  json::Writer out;
  out.text("devicename", answer.device_name)
      .text("deviceGroupName", answer.device_group)
      .text("version", answer.version)
      .text("corePackageVersion", answer.core_version)
      .raw("supportedFeatures", encode(answer.features))
      .texts("authModes", answer.auth_modes)
      .texts("allowedServices", answer.allowed_services);
  if (answer.np_cp_version) out.text("npCpVersion", *answer.np_cp_version);
  if (answer.public_signing_key_uri) {
    out.text("publicSigningKeyUri", *answer.public_signing_key_uri);
  }
  return out.finish();
}

Result<PingAnswer> decode_ping(std::string_view json) {
  auto in = json::Object::parse(json, "ping answer");
  if (!in) return fail(std::move(in).error());
  PingAnswer answer;
  answer.device_name = in->text("devicename");
  answer.device_group = in->text_or("deviceGroupName", "__none__");
  answer.version = in->text_or("version", "");
  answer.core_version = in->text_or("corePackageVersion", "");
  answer.features = decode_features(*in);
  answer.auth_modes = in->texts("authModes", kMostModes);
  answer.allowed_services = in->texts("allowedServices", kMostServices);
  answer.np_cp_version = in->maybe_text("npCpVersion");
  answer.public_signing_key_uri = in->maybe_text("publicSigningKeyUri");
  if (in->problem()) return fail(*in->problem());
  return answer;
}

std::string_view first_missing(const Features& wanted, const Features& offered) noexcept {
  for (const auto& feature : kFeatures) {
    if (wanted.*feature.flag && !(offered.*feature.flag)) return feature.wish;
  }
  return {};
}

}  // namespace noports::proto
