// SPDX-License-Identifier: BSD-3-Clause
// The atSigns of this platform and their ports, and the platform's own few settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/database.hpp"

namespace noports::atserver {

// One atSign that lives here.
struct Account {
  std::int64_t id = 0;  // within the store
  at::Atsign atsign;
  std::uint16_t port = 0;  // of its atServer; 0: none given yet
};

// All calls belong in a Database::Scope.
class Accounts {
 public:
  explicit Accounts(Database& database);

  std::optional<Account> find(const at::Atsign& atsign);
  std::optional<Account> find(std::int64_t id);
  std::vector<Account> all();  // by name
  // Nothing when the atSign is here already. Its id is one that nobody had before: a connection
  // that outlives a removed atSign must not find itself on another one.
  std::optional<Account> add(const at::Atsign& atsign);
  // The atSign and every row of it in every table.
  void remove(std::int64_t account);
  void set_port(std::int64_t account, std::uint16_t port);

  std::optional<std::string> setting(std::string_view name);
  void set_setting(std::string_view name, std::string_view value);

 private:
  Database& database_;
  Statement find_, find_by_id_, all_, add_, remember_last_, remove_, set_port_, setting_,
      set_setting_;
};

}  // namespace noports::atserver
