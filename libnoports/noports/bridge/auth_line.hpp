// SPDX-License-Identifier: BSD-3-Clause
// The relay's door in payload mode, seen from outside: one line, the same for every socket of a
// side, and no answer (noports-wire.md 9.3).
#pragma once

#include <string>

#include "noports/bridge/leg.hpp"

namespace noports::bridge {

// `line` with its LF.
RelayAuth auth_line(std::string line);
// For a session in which our side does not authenticate.
RelayAuth no_auth();

}  // namespace noports::bridge
