// SPDX-License-Identifier: BSD-3-Clause
// What notify:status and notify:fetch say of a notification (atprotocol-wire.md 3.13).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/atserver/notifications.hpp"

namespace noports::atserver {

// "queued", "delivered", "errored", "expired"
std::string_view status_text(const Stored& stored, std::int64_t now) noexcept;

// An object whose members are all texts, in the reference's spelling: clients look for
// "NotificationStatus.delivered". For an unknown id that of an expired one. `self` is whose it is.
std::string stored_note_json(const at::Atsign& self, const std::string& id,
                             const std::optional<Stored>& stored, std::int64_t now);

}  // namespace noports::atserver
