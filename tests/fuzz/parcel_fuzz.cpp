// SPDX-License-Identifier: BSD-3-Clause
// Whatever a file of an exported atSign holds, it is refused, or put into a store under its own
// name, beside an atSign that it leaves alone.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "noports/atserver/parcel.hpp"

using namespace noports;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<atserver::Store> store = *atserver::Store::open({});
  static const auto other = *at::Atsign::parse("@other");
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  const auto parcel = atserver::read_parcel(in);
  if (!parcel || parcel->atsign == other) return 0;
  for (const auto& row : parcel->rows) {
    if (row.columns.size() != row.values.size()) std::abort();
  }
  atserver::Database::Scope scope(store->database());  // undone: the next input finds it empty
  if (!store->accounts.add(other) || !atserver::fits(*store, *parcel)) return 0;
  const auto before = store->accounts.find(other);
  atserver::put(*store, *parcel);
  const auto after = store->accounts.find(other);
  // A row that the store refuses ends everything; then nobody is found until the scope ends.
  if (after && (after->id != before->id || after->port != before->port)) std::abort();
  const auto found = store->accounts.find(parcel->atsign);
  if (after && found && found->atsign != parcel->atsign) std::abort();
  return 0;
}
