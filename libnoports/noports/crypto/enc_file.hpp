// SPDX-License-Identifier: BSD-3-Clause
// Files of `openssl enc -aes-256-cbc -pbkdf2 -iter 1000000 -salt`, as installers at scale carry key
// files (cli-and-packaging.md 4.11). To be read only.
#pragma once

#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::crypto {

// "Salted__", 8 bytes of salt, the ciphertext. bad_syntax for what is no such file; config when the
// password does not open it: nothing authenticates the content, so one wrong password in 256 gives
// garbage. Takes a second, by design: call it through net::offload.
Result<Secret> open_enc_file(std::string_view bytes, const Secret& password);

}  // namespace noports::crypto
