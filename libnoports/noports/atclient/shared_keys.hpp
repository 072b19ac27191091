// SPDX-License-Identifier: BSD-3-Clause
// The symmetric key of each ordered pair of atSigns, and the public keys it is wrapped with: found
// or made, remembered (keys-and-enrollment.md 2.10). One loop's.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "noports/at/verb.hpp"
#include "noports/atclient/bell.hpp"
#include "noports/atclient/doubts.hpp"
#include "noports/atclient/values.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/keys/keys.hpp"

namespace noports::atclient {

// A verb to our atServer, its answer's text (Commands::ask).
using Ask = std::function<asio::awaitable<Result<std::string>>(at::Verb, net::Deadline)>;

class SharedKeys {
 public:
  // Peers remembered of each kind; the rest is asked for again.
  static constexpr std::size_t kMost = 1'024;

  SharedKeys(asio::any_io_executor executor, at::Atsign self,
             std::shared_ptr<const keys::Keys> keys, Ask ask);

  // What a value for somebody is encrypted with, and what is sent along.
  struct Outgoing {
    crypto::Secret key;      // 32 bytes
    std::string enclosed;    // sharedKeyEnc: the key for the recipient alone
    std::string checksum;    // pubKeyCS: of the public key it is wrapped with
    std::string public_key;  // that key's text
  };
  using OutgoingPtr = std::shared_ptr<const Outgoing>;
  using KeyPtr = std::shared_ptr<const crypto::Secret>;

  // Both records exist on our atServer when this returns. Made once, however many ask together.
  // Wrapped anew when the recipient has shown a new key of its own and its public key turns out to
  // be another one. not_found: the recipient is not activated.
  asio::awaitable<Result<OutgoingPtr>> outgoing(at::Atsign recipient, net::Deadline deadline);

  // The key of a value from somebody, when it came along with the value or is remembered; null when
  // it must be fetched with incoming(). bad_signature when it is wrapped with a public key that is
  // not ours (any more), bad_syntax when it cannot be unwrapped.
  Result<KeyPtr> enclosed(const at::Atsign& sender, const Sealing& sealing);
  // From the sender's record, on the sender's atServer where `fresh`.
  asio::awaitable<Result<KeyPtr>> incoming(at::Atsign sender, bool fresh, net::Deadline deadline);

  // The sender has made a new one: what is remembered does not count any more.
  void forget_incoming(const at::Atsign& sender);

  // public:publickey@owner, from memory unless `fresh` or in doubt. not_found when there is none.
  asio::awaitable<Result<crypto::PublicKey>> public_key(at::Atsign owner, bool fresh,
                                                        net::Deadline deadline);

 private:
  struct Pair;
  struct Stored;
  struct Kept {
    std::string wrapped;  // sharedKeyEnc that it came in, or empty
    KeyPtr key;
    bool is_current = true;  // otherwise only good to see that the next one differs
  };
  struct Published {
    crypto::PublicKey key;
    Doubts::Time seen;
  };

  Result<KeyPtr> unwrap(std::string_view wrapped) const;
  asio::awaitable<Result<OutgoingPtr>> find_or_make(at::Atsign recipient, bool rewrap,
                                                    net::Deadline deadline);
  asio::awaitable<Result<Stored>> stored(at::Atsign recipient, net::Deadline deadline);
  asio::awaitable<Result<KeyPtr>> own_copy(at::Atsign recipient, net::Deadline deadline);
  asio::awaitable<Result<KeyPtr>> make(at::Atsign recipient, net::Deadline deadline);
  asio::awaitable<Result<void>> write_theirs(at::Atsign recipient, OutgoingPtr outgoing,
                                             net::Deadline deadline);

  asio::awaitable<Result<crypto::PublicKey>> fetch_public_key(at::Atsign owner, bool fresh,
                                                              net::Deadline deadline);
  void keep_public_key(const at::Atsign& owner, const crypto::PublicKey& key);
  void keep_incoming(const at::Atsign& sender, Kept kept);

  asio::any_io_executor executor_;
  at::Atsign self_;
  std::shared_ptr<const keys::Keys> keys_;
  Ask ask_;
  std::map<at::Atsign, std::shared_ptr<Pair>> outgoing_;
  std::map<at::Atsign, Kept> incoming_;
  std::map<at::Atsign, Published> public_keys_;
  Doubts doubts_{kMost};
};

}  // namespace noports::atclient
