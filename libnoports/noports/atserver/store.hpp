// SPDX-License-Identifier: BSD-3-Clause
// Everything that the platform keeps: one SQLite file for all its atSigns. Challenges are not in
// it: they live and die with their connection (session).
#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "noports/at/atsign.hpp"
#include "noports/atserver/accounts.hpp"
#include "noports/atserver/database.hpp"
#include "noports/atserver/guesses.hpp"
#include "noports/atserver/guests.hpp"
#include "noports/atserver/notifications.hpp"
#include "noports/atserver/records.hpp"
#include "noports/atserver/visits.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

class Store {
 private:
  std::unique_ptr<Database> database_;  // first: the others use it

 public:
  // An empty path is a store in memory, for tests.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file);

  // The store of a platform's folder, which is made (0700) when it is not there.
  static Result<std::unique_ptr<Store>> open_in(const std::filesystem::path& folder);

  Database& database() noexcept { return *database_; }
  bool dirty() const noexcept { return database_->dirty(); }
  Result<void> commit() { return database_->commit(); }

  // A new atSign that can be activated with `cram_secret`. Durable when it returns. config when it
  // is here already, or a guest's.
  Result<void> add(const at::Atsign& atsign, const crypto::Secret& cram_secret, std::int64_t now);

  // Why an atSign cannot be here that a guest has.
  static Error is_a_guests(const at::Atsign& atsign, const Place& place);

  // The same within a Scope of the caller, and with a port; false when it is here already.
  bool put_new(const at::Atsign& atsign, const crypto::Secret& cram_secret, std::int64_t now,
               std::uint16_t port);

  Accounts accounts;
  Records records;
  Notifications notifications;
  Guests guests;
  // What was guessed at lately; in memory alone.
  Guesses passcode_guesses{Guesses::Of::passcodes};
  Guesses proof_guesses{Guesses::Of::proofs};
  std::map<std::int64_t, Visits> visits;  // by account; in memory alone

 private:
  explicit Store(std::unique_ptr<Database> database);
};

}  // namespace noports::atserver
