// SPDX-License-Identifier: BSD-3-Clause
// The key of our own enrolment, with which we answer relays' challenges, and the record in which
// others find its public part (noports-newer.md 7.4). It never leaves the process (24, W4).
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/at/atsign.hpp"
#include "noports/atclient/mailbox.hpp"
#include "noports/atclient/signer.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/signing_key.hpp"

namespace noports::signing {

struct OwnKey {
  proto::SigningKeyUri record;
  std::string public_key;  // base64 of the SPKI, as the key file has it
  std::shared_ptr<atclient::Signer> signer;
};

// The (A)PKAM key of the key file; its record is "primary" where there is no enrolment. bad_syntax
// for an enrolment id that cannot stand in a key's name.
Result<OwnKey> own_key(const at::Atsign& self, const keys::Keys& keys);

// When this returns, the record says our key: it is written unless it does so already. To be called
// before the first signature is shown to anybody. Errors are the mailbox's: an atServer may have no
// such records, or not let this enrolment write them.
asio::awaitable<Result<void>> publish(atclient::Mailbox& mail, OwnKey key, net::Deadline deadline);

// Whether `record` offers that RSA key, and no stronger one beside it.
bool offers(std::string_view record, const std::string& public_key);

}  // namespace noports::signing
