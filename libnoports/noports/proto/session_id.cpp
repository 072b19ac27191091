// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/session_id.hpp"

#include "noports/base/text.hpp"
#include "noports/crypto/random.hpp"

namespace noports::proto {

Result<SessionId> SessionId::parse(std::string_view text) {
  if (!is_uuid(text)) return fail(Errc::bad_syntax, "a session id must be a UUID");
  return SessionId(lower(text));
}

SessionId SessionId::fresh() { return SessionId(crypto::random_uuid()); }

}  // namespace noports::proto
