// SPDX-License-Identifier: BSD-3-Clause
// The first activation of an atSign: from its activation secret to a key file that works.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/tls.hpp"

namespace noports::activate {

struct Onboarding {
  atclient::Directory directory;
  net::TlsContext tls;
  at::Atsign self;
  crypto::Secret secret;           // as text (keys-and-enrollment.md 2.8); may be empty
  std::filesystem::path key_file;  // to be made

  std::shared_ptr<const crypto::Secret> passphrase = nullptr;  // the key file goes under it

  // Gets the secret when `secret` is empty, from the registrar. Not asked when there is nothing to
  // activate, nor to finish what an earlier call has begun.
  std::function<asio::awaitable<Result<crypto::Secret>>()> ask_secret = nullptr;

  // A new atSign takes a while to appear: how often the atDirectory and the atServer are tried, and
  // how long after each failure.
  std::size_t retries = 50;
  std::chrono::milliseconds pause{2'000};
};

// Told of each step, for the user.
using Say = std::function<void(std::string_view text)>;

// Makes the keys while the atServer is being reached, proves the secret, enrolls, proves the new
// key, saves the key file, and only then publishes the public key and has the secret deleted. What
// an earlier call left unfinished, at whatever step it was interrupted, is finished.
// Errors: busy when the key file exists and belongs to something else; refused when the atSign has
// been activated already; rejected for a wrong secret; not_set_up when the directory does not know
// the atSign; what else the network and the file system have to say. Nothing has been changed on
// the atServer then, or the next call goes on from there.
asio::awaitable<Result<void>> onboard(Onboarding what, Say say);

}  // namespace noports::activate
