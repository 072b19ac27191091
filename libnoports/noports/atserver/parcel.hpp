// SPDX-License-Identifier: BSD-3-Clause
// An atSign on its way into a platform: the reader of the files of transfer.hpp, and what puts
// their content into a store.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/database.hpp"
#include "noports/atserver/store.hpp"
#include "noports/base/result.hpp"

namespace noports::atserver {

inline constexpr const char* kParcelFormat = "atplatform atSign";
inline constexpr int kParcelVersion = 1;

struct ParcelRow {
  std::string table;
  std::vector<std::string> columns;  // as many as values
  std::vector<Value> values;
};
struct Parcel {
  at::Atsign atsign;
  ParcelRow account;
  std::vector<ParcelRow> rows;
};

// All of it or nothing. config with the reason: damaged, not whole, something else, or of a newer
// version.
Result<Parcel> read_parcel(std::istream& in);

// Whether the store has every table and column that the parcel names: they go into statements.
bool fits(Store& store, const Parcel& parcel);

// Within a Scope, which tells whether it was done. Only what fits(), and an atSign that is not
// there yet. The port is given up when somebody else has it.
void put(Store& store, const Parcel& parcel);

}  // namespace noports::atserver
