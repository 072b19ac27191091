// SPDX-License-Identifier: BSD-3-Clause
// What decodes as a key file is written as one that holds the same keys.
#include <cstdint>
#include <cstdlib>

#include "noports/keys/keyfile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports;
  const auto keys = keys::decode({reinterpret_cast<const char*>(data), size});
  if (!keys) return 0;
  static const auto owner = at::Atsign::parse("@alice").value();
  const auto text = keys::encode(*keys, owner);
  const auto again = keys::decode(text.text(), owner);
  if (!again || again->enrollment_id != keys->enrollment_id) std::abort();
  if (again->unknown.text() != keys->unknown.text()) std::abort();
  if (keys::encode(*again, owner).text() != text.text()) std::abort();
  return 0;
}
