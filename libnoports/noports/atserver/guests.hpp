// SPDX-License-Identifier: BSD-3-Clause
// The platforms that have joined this one, what they serve, and the tokens that let them join
// (join_message.hpp): three tables of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/database.hpp"
#include "noports/atserver/join_message.hpp"
#include "noports/atserver/place.hpp"

namespace noports::atserver {

struct KnownToken {
  std::string id, hash;      // join_secret_hash()
  std::string host;          // of those who join with it; empty until the first has
  std::int64_t created = 0;  // milliseconds since 1970, as `seen`
  std::int64_t seen = 0;     // when somebody joined with it last; 0: never
  std::int64_t atsigns = 0;  // of those who have joined with it
};

// All calls belong in a Database::Scope.
class Guests {
 public:
  explicit Guests(Database& database);

  void add_token(const std::string& id, const std::string& hash, std::int64_t now);
  std::optional<KnownToken> token(const std::string& id);
  std::vector<KnownToken> tokens();  // by age
  // The token, the guests that have joined with it, and their atSigns. False when it is not there.
  bool remove_token(const std::string& id);

  // A guest is here, with a token that is here; from now on that token is for its host alone.
  void note(const JoinRequest& guest, const std::string& token, std::int64_t now);
  // What a guest serves, in place of what it did; returns what other guests have already. Those of
  // the platform itself must not be among them.
  std::vector<RefusedAtsign> replace(const std::string& guest,
                                     const std::vector<HostedAtsign>& atsigns);
  std::optional<Place> find(const at::Atsign& atsign);
  struct Known {
    at::Atsign atsign;
    Place place;
  };
  std::vector<Known> all();  // by name

 private:
  std::vector<HostedAtsign> of(const std::string& guest);
  bool is_of_another(const at::Atsign& atsign, const std::string& guest);

  Statement add_token_, tokens_, token_, remove_token_, remove_guests_, remove_atsigns_, bind_,
      note_, of_, forget_, put_, holder_, find_, all_;
};

}  // namespace noports::atserver
