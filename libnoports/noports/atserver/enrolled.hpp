// SPDX-License-Identifier: BSD-3-Clause
// Which connections are logged in with which enrolment: they end with it, at once and not at their
// next command, since a monitor may never say another (noports-newer.md 10).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "noports/atserver/wire.hpp"

namespace noports::atserver {

class Enrolled {
 public:
  // One connection, until this is gone. Lives no longer than its Enrolled.
  class Place {
   public:
    Place(Enrolled& enrolled, std::int64_t account, std::string id, std::shared_ptr<Wire> wire);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();
    const std::string& id() const noexcept { return key_.second; }

   private:
    Enrolled& enrolled_;
    std::pair<std::int64_t, std::string> key_;
    Wire* wire_;
  };

  // Closes all connections of an enrolment but `except`, which has its answer to get. How many.
  std::size_t close(std::int64_t account, const std::string& id, const Wire* except);

 private:
  std::multimap<std::pair<std::int64_t, std::string>, std::shared_ptr<Wire>> wires_;
};

}  // namespace noports::atserver
