// SPDX-License-Identifier: BSD-3-Clause
// What NoPorts needs of the atPlatform: letters to other atSigns, letters from them, and records.
// The one seam that tests fake; atclient/client.hpp is the real one.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/net/race.hpp"

namespace noports::atclient {

// A notification to send. The value is plain text here; it is encrypted for the recipient on its
// way out (noports-wire.md 3.2).
struct Letter {
  at::Atsign to;
  at::KeyName key;  // "npt_request.lab.sshnp"
  std::string value;
  std::optional<std::chrono::milliseconds> ttl = std::chrono::milliseconds(10'000);
  std::chrono::milliseconds ttln = std::chrono::milliseconds(60'000);
  std::optional<std::int64_t> ttr = std::nullopt;  // seconds, -1 for ever: their server may keep it
  bool ccd = false;                                // ... and drops it when we delete ours
};

// One that arrived, decrypted. `from` is vouched for by the atServers; nothing else is.
struct Note {
  std::string id;
  at::Atsign from;
  at::KeyName key;  // the middle of "@us:<key>@from", lower case
  std::string value;
  std::int64_t epoch_millis = 0;
};

// Which notifications a subscriber wants; asked before anything is decrypted.
using Wanted = std::function<bool(const at::Atsign& from, std::string_view key)>;

// A subscription: ends when it dies. Movable.
class Inbox {
 public:
  class Source {
   public:
    virtual ~Source() = default;
    virtual asio::awaitable<Result<Note>> next() = 0;
  };
  explicit Inbox(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  // The next note, in order of arrival; at most 256 wait, then the oldest is dropped and logged.
  // Errors: disconnected when the mailbox has been closed, revoked when our enrolment has been
  // withdrawn. Lost connections are repaired behind it.
  // Does not end by itself: use net::before().
  asio::awaitable<Result<Note>> next() { return source_->next(); }

 private:
  std::unique_ptr<Source> source_;
};

// A record of ours for somebody: "@with:name@us", stored and encrypted.
struct Record {
  at::Atsign with;
  at::KeyName name;
  std::string value;
  std::optional<std::chrono::milliseconds> ttl;
  std::optional<std::int64_t> ttr;  // seconds
  bool ccd = false;
};

class Mailbox {
 public:
  virtual ~Mailbox() = default;

  virtual const at::Atsign& self() const noexcept = 0;

  // Done when our atServer has taken it; delivery is not waited for.
  virtual asio::awaitable<Result<void>> notify(Letter letter, net::Deadline deadline) = 0;
  // Effective at once: subscribe before you ask.
  virtual Inbox subscribe(Wanted wanted) = 0;

  // What `owner` shared with us, decrypted; fresh bypasses the caches. not_found when there is
  // none.
  virtual asio::awaitable<Result<std::string>> get(at::Atsign owner, at::KeyName name, bool fresh,
                                                   net::Deadline deadline) = 0;
  virtual asio::awaitable<Result<void>> put(Record record, net::Deadline deadline) = 0;
  virtual asio::awaitable<Result<void>> put_public(at::KeyName name, std::string value,
                                                   net::Deadline deadline) = 0;
  // Of several programs with our atSign and the same task, one: true for whoever writes the record
  // `name` first, false for the others until `ttl` has passed (noports-newer.md 12).
  virtual asio::awaitable<Result<bool>> claim(at::KeyName name, std::chrono::milliseconds ttl,
                                              net::Deadline deadline) = 0;
  virtual asio::awaitable<Result<void>> remove(at::Key key, net::Deadline deadline) = 0;
  // Full keys of our own store that match.
  virtual asio::awaitable<Result<std::vector<std::string>>> scan(std::string regex,
                                                                 net::Deadline deadline) = 0;
  // The same of `owner`'s store: what it shares with us, told as "<name>@owner".
  virtual asio::awaitable<Result<std::vector<std::string>>> scan_shared(at::Atsign owner,
                                                                        std::string regex,
                                                                        net::Deadline deadline) = 0;
  // public:publickey@owner; cached unless fresh. not_found for an atSign without one.
  virtual asio::awaitable<Result<crypto::PublicKey>> public_key(at::Atsign owner, bool fresh,
                                                                net::Deadline deadline) = 0;
  // What `owner`, who may be ourselves, made public, past every cache. not_found: there is none.
  virtual asio::awaitable<Result<std::string>> get_public(at::Atsign owner, at::KeyName name,
                                                          net::Deadline deadline) = 0;
};

}  // namespace noports::atclient
