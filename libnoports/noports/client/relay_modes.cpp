// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/relay_modes.hpp"

namespace noports::client {
namespace {

using proto::RelayAuthMode;

Unexpected device_cannot() {
  return fail(Error(Errc::refused, Hop::device,
                    "This session requires ESCR relay auth on the device daemon (either --443, or "
                    "--relay-auth-mode escr through a relay that does not auto-detect), but the "
                    "daemon does not support ESCR.")
                  .hint("update sshnpd on the device, or retry without --443 and "
                        "--relay-auth-mode escr"));
}

}  // namespace

bool may_use_escr(const AuthWish& wish) noexcept {
  return wish.only_443 || wish.preferred == RelayAuthMode::escr;
}

bool must_use_escr(const AuthWish& wish) noexcept {
  return wish.only_443 || (wish.preferred == RelayAuthMode::escr && wish.is_explicit);
}

RelayAuthMode declared_mode(const AuthWish& wish) noexcept {
  return must_use_escr(wish) ? RelayAuthMode::escr : RelayAuthMode::payload;
}

Result<ModePair> choose_modes(const AuthWish& wish, const Abilities& abilities) {
  ModePair modes;
  if (!may_use_escr(wish)) return modes;
  if (abilities.relay_detects && !wish.only_443) {
    if (abilities.client_can) modes.client = RelayAuthMode::escr;
    if (abilities.device_can) modes.device = RelayAuthMode::escr;
    return modes;
  }
  if (!must_use_escr(wish)) return modes;
  if (abilities.device_authenticates && !abilities.device_can) return device_cannot();
  modes.client = modes.device = RelayAuthMode::escr;
  return modes;
}

}  // namespace noports::client
