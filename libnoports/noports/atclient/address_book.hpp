// SPDX-License-Identifier: BSD-3-Clause
// Addresses of atServers that the atDirectory told in earlier runs, in a small file, so that a
// start need not ask it again. Whoever uses one must be ready to find it out of date.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"

namespace noports::atclient {

// One line of the file: "<directory host>:<port> @alice <host>:<port> <seconds since 1970>".
struct BookLine {
  std::string directory;
  at::Atsign who;
  Address address;
  std::int64_t told = 0;  // seconds since 1970
  bool operator==(const BookLine&) const = default;
};
std::string encode(const BookLine& line);
Result<BookLine> decode_book_line(std::string_view line);

// The file is read and written at each call, since other processes do the same; the last one to
// write wins. One that cannot be read or written is as good as an empty one.
class AddressBook {
 public:
  static constexpr std::int64_t kOldest = 86'400;  // seconds for which a line counts
  static constexpr std::size_t kMost = 64;         // lines

  AddressBook(std::filesystem::path file, const Directory& directory);

  std::optional<Address> find(const at::Atsign& who) const;
  void keep(const at::Atsign& who, const Address& address);
  void forget(const at::Atsign& who);

 private:
  std::vector<BookLine> read() const;
  void write(const std::vector<BookLine>& lines) const;
  void replace(const at::Atsign& who, std::optional<BookLine> line);

  std::filesystem::path file_;
  std::string directory_;
};

}  // namespace noports::atclient
