// SPDX-License-Identifier: BSD-3-Clause
// What srv's caller has put into the environment (noports-newer.md 5.5).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/crypto/secret.hpp"
#include "srv/options.hpp"

namespace noports::apps::srv {

// By the names of the variables.
using Secrets = std::map<std::string, crypto::Secret>;

// All that srv knows of, wanted or not, is taken out of the environment. Before any other thread
// exists.
Secrets take_secrets();

// The leg that options and secrets describe. config names the variable that is missing, in the
// reference's words, or is none of its kind.
Result<bridge::Leg> make_leg(const Options& options, const Secrets& secrets);

}  // namespace noports::apps::srv
