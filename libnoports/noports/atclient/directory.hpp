// SPDX-License-Identifier: BSD-3-Clause
// Which host serves @alice: questions to the atDirectory (atprotocol-wire.md 2).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tls.hpp"

namespace noports::atclient {

// Which world: the atDirectory to ask. A host that begins with "proxy:" is asked nothing: it is
// itself the address of every atServer (noports-newer.md 16.3).
struct Directory {
  std::string host = "root.atsign.org";
  std::uint16_t port = 64;
};

// Where an atServer listens; the host is what its certificate must be for.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// The directory's answer, without its line end; prompts in front are ignored. Nothing when it knows
// no such atSign; bad_syntax for anything that is no answer.
Result<std::optional<Address>> decode_directory_answer(std::string_view line);
std::string encode_directory_answer(const std::optional<Address>& address);

class AddressBook;

// Asks, and remembers the positive answers: an hour in memory, and in the book where it is given
// one. One loop's.
class Finder {
 public:
  struct Found {
    Address address;
    bool remembered = false;  // may be out of date
  };

  Finder(Directory directory, net::TlsContext tls, std::shared_ptr<AddressBook> book = nullptr);

  // One connection for each question, 4 s for each attempt, up to five attempts when the directory
  // cannot be reached. Errors, all at Hop::directory: not_found when it does not know the atSign;
  // rejected when its certificate does not verify; disconnected or timed_out.
  asio::awaitable<Result<Found>> find(at::Atsign who, net::Deadline deadline);

  // The address did not work: the next find() asks again.
  void forget(const at::Atsign& who);

 private:
  struct Known {
    Address address;
    std::chrono::steady_clock::time_point until;
  };
  std::optional<Address> remembered(const at::Atsign& who) const;
  asio::awaitable<Result<std::optional<Address>>> ask(std::string name, net::Deadline deadline);
  asio::awaitable<Result<std::optional<Address>>> ask_patiently(std::string name,
                                                                net::Deadline deadline);

  Directory directory_;
  net::TlsContext tls_;
  std::shared_ptr<AddressBook> book_;
  std::map<at::Atsign, Known> known_;  // our own and what was asked for: few
};

}  // namespace noports::atclient
