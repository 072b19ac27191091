// SPDX-License-Identifier: BSD-3-Clause
// Questions to the person at the terminal. Blocking: not for a running loop.
#pragma once

#include <string>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::apps {

enum class Asked { once, twice };  // twice: a new secret, where a slip would lock its owner out

// A line typed on the controlling terminal, without echo, whatever stdin and stdout are. config
// when there is no terminal, the line is empty, or the second differs from the first; cancelled for
// ^C. Up to 1023 bytes.
Result<crypto::Secret> ask_secret(const std::string& question, Asked how = Asked::once);

// A line typed on the controlling terminal, which shows it; without a terminal a line of standard
// input. For words that are used up at once: nothing to keep from the screen, and nothing is left
// behind at the terminal when a signal ends the program meanwhile. config when there is no line, or
// one of more than 255 bytes.
Result<crypto::Secret> ask_line(const std::string& question);

}  // namespace noports::apps
