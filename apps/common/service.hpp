// SPDX-License-Identifier: BSD-3-Clause
// What programs that run for months have in common: they start before the network does, and before
// their keys are there; keys are withdrawn and replaced under them; and they hold many sockets.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "common/account.hpp"
#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

// connect(), again and again with growing pauses while the directory or the atServer cannot be
// reached; each failure is logged. Other errors (no keys, keys rejected) end it: waiting does not
// mend those.
asio::awaitable<Result<std::unique_ptr<atclient::Client>>> connect_patiently(
    atclient::Account account);

// Whose service it is, and where its keys are.
struct Identity {
  at::Atsign self;
  KeyAccess access;
  atclient::Directory directory;
  std::optional<std::filesystem::path> ca_file;
};

struct KeyPatience {
  std::chrono::milliseconds look{1'000};  // between two looks at the key file
  std::chrono::milliseconds say{60'000};  // between two sentences about what is waited for
  // An enrolment can be reinstated with the same keys: after so long they are tried again.
  std::chrono::milliseconds retry{60'000};
};

using Work = std::function<asio::awaitable<Result<int>>(atclient::Account)>;

// Runs `work` as `who`. A key file that is missing is waited for, and that is said. When the work
// ends with `revoked`, because our enrolment has been withdrawn, that is said too; then it is run
// again as soon as the key file changes, or after `retry`. Anything else ends it.
asio::awaitable<Result<int>> serve_as(Identity who, Work work, KeyPatience patience);
asio::awaitable<Result<int>> serve_as(Identity who, Work work);

// As many descriptors as the system allows us; best effort. How many that are now.
std::size_t raise_descriptor_limit() noexcept;

// Logs what starts, ends and fails (info) unless the command line asked for more.
void log_as_service() noexcept;

}  // namespace noports::apps
