// SPDX-License-Identifier: BSD-3-Clause
// Elsewhere, as the platform sees it that others have joined: in the store.
#pragma once

#include <filesystem>

#include "noports/atserver/elsewhere.hpp"
#include "noports/atserver/store.hpp"

namespace noports::atserver {

class GuestFinder final : public Elsewhere {
 public:
  // `authority`: the platform's own, with which guests have their certificates; may be empty.
  GuestFinder(Store& store, net::Trust trust, std::filesystem::path authority)
      : store_(store), trust_(std::move(trust)), authority_(std::move(authority)) {}

  asio::awaitable<Result<Place>> find(at::Atsign atsign, net::Deadline deadline) override;
  void doubt(const at::Atsign&) override {}  // the guest says itself when it changes
  net::TlsContext tls() override;

 private:
  Store& store_;
  net::Trust trust_;
  std::filesystem::path authority_;
  net::TlsContext tls_;  // made at its first use
};

}  // namespace noports::atserver
