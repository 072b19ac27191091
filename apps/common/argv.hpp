// SPDX-License-Identifier: BSD-3-Clause
// The command line as other users of the machine see it.
#pragma once

#include <string_view>

namespace noports::apps {

// Overwrites with zeros every end of a word that is `secret`: "-PSECRET" and "--pass-phrase=SECRET"
// keep their names. An empty one hides nothing.
void hide_in_argv(std::string_view secret, int argc, char** argv) noexcept;

}  // namespace noports::apps
