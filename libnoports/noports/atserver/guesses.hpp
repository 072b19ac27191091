// SPDX-License-Identifier: BSD-3-Clause
// Wrong passcodes and failed proofs of late: who guesses waits longer and longer. Counted for each
// network and atSign, so that a new connection changes nothing (which it does in the reference) and
// nobody makes others wait (11.1, 9 and 10). In memory: a restart forgives.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace noports::atserver {

class Guesses {
 public:
  // For passcodes the waits of the reference, 1 to 55 s (5.5); for proofs, whose clients give up
  // after 3 s, none at first and then 2 s.
  enum class Of { passcodes, proofs };
  explicit Guesses(Of what) : what_(what) {}

  // One more wrong one at `now` (milliseconds since 1970): how long its answer waits.
  std::chrono::milliseconds wrong(std::int64_t account, const std::string& network,
                                  std::int64_t now);
  // A right one: forgives what is older than the longest wait.
  void right(std::int64_t account, const std::string& network, std::int64_t now);
  // Whether an atSign was guessed at so often within the hour that nothing more is looked at.
  bool are_too_many(std::int64_t account, std::int64_t now) const;

  static constexpr std::size_t kMostPerHour = 1000;   // wrong ones for one atSign
  static constexpr std::size_t kMostNetworks = 4096;  // remembered at once

 private:
  struct Count {
    std::size_t wrong = 0;
    std::int64_t last = 0;   // when
    std::int64_t first = 0;  // of this hour
  };
  void forget(std::int64_t now);

  Of what_;
  std::map<std::pair<std::int64_t, std::string>, Count> networks_;
  std::map<std::int64_t, Count> accounts_;
};

}  // namespace noports::atserver
