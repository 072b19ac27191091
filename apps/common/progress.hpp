// SPDX-License-Identifier: BSD-3-Clause
// What a client program tells its user while it works: lines on stderr, or log lines with -v, or
// nothing with -q (cli-and-packaging.md 2.3).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace noports::apps {

using Say = std::function<void(std::string_view text)>;

// "2026-01-31 12:00:00.123456 : text" on stderr; log::info(module, text) when the log shows that
// level; nothing when quiet.
Say progress(std::string module, bool is_quiet);

}  // namespace noports::apps
