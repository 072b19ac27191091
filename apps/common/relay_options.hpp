// SPDX-License-Identifier: BSD-3-Clause
// How a client authenticates to the relay: the options of both clients (cli-and-packaging.md 1.3,
// noports-newer.md 17.2).
#pragma once

#include <vector>

#include "common/option_table.hpp"
#include "noports/client/relay_modes.hpp"

namespace noports::apps {

// --relay-auth-mode, --443 and --only-port. Fill `into`, which outlives them.
std::vector<Option> relay_auth_options(client::AuthWish& into);

}  // namespace noports::apps
