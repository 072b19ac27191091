// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/guest_finder.hpp"

#include "noports/atserver/peer_trust.hpp"

namespace noports::atserver {

asio::awaitable<Result<Place>> GuestFinder::find(at::Atsign atsign, net::Deadline) {
  Database::Scope scope(store_.database());
  auto place = store_.guests.find(atsign);
  if (auto read = scope.finish(); !read) {
    co_return fail(std::move(read).error().at(Hop::directory));
  }
  if (place) co_return *std::move(place);
  co_return fail(Errc::not_found, Hop::directory, "no platform has joined with " + atsign.str());
}

net::TlsContext GuestFinder::tls() {
  if (!tls_) tls_ = peer_context(trust_, authority_);
  return tls_;
}

}  // namespace noports::atserver
