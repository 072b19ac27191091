// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/shared_keys.hpp"

#include <utility>

#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atclient {

namespace {

constexpr std::int64_t kTheirTtr = 3'888'000;  // seconds their server may keep it: 45 days, as Dart

at::KeyName fixed_name(std::string_view text) { return *at::KeyName::parse(text); }

Result<at::Key> own_key(const at::Atsign& self, const at::Atsign& recipient) {
  auto name = at::KeyName::parse("shared_key." + std::string(recipient.name()));
  if (!name) return fail(std::move(name).error());
  return at::Key::self(*std::move(name), self);
}

at::Key their_key(const at::Atsign& self, const at::Atsign& recipient) {
  return at::Key::shared(recipient, fixed_name("shared_key"), self);
}

// Absent in any of the ways in which an atServer says so.
bool is_absent(const Result<std::string>& answer) {
  return answer ? *answer == "null" : answer.error().code() == Errc::not_found;
}

Result<SharedKeys::OutgoingPtr> wrap(const crypto::Secret& key, const crypto::PublicKey& theirs) {
  const auto text = crypto::base64_secret(key.bytes());
  auto wrapped = theirs.encrypt(text.text());
  if (!wrapped) return fail(std::move(wrapped).error());
  return std::make_shared<const SharedKeys::Outgoing>(
      SharedKeys::Outgoing{key.copy(), crypto::base64(*wrapped), theirs.checksum(), theirs.text()});
}

template <class Map>
void make_room(Map& map) {
  if (map.size() >= SharedKeys::kMost) map.erase(map.begin());
}

}  // namespace

// What is known of the key for one recipient.
struct SharedKeys::Pair {
  explicit Pair(const asio::any_io_executor& executor) : done(executor) {}
  OutgoingPtr ready;
  bool is_busy = false;
  bool must_rewrap = false;  // the recipient has a new public key
  Bell done;
};

// The answers of our atServer about one pair.
struct SharedKeys::Stored {
  Result<KeyPtr> own;          // null: there is none that we can read
  Result<std::string> theirs;  // llookup:all
};

SharedKeys::SharedKeys(asio::any_io_executor executor, at::Atsign self,
                       std::shared_ptr<const keys::Keys> keys, Ask ask)
    : executor_(std::move(executor)),
      self_(std::move(self)),
      keys_(std::move(keys)),
      ask_(std::move(ask)) {}

Result<SharedKeys::KeyPtr> SharedKeys::unwrap(std::string_view wrapped) const {
  const auto unreadable = [] {
    return fail(Errc::bad_syntax, "the shared key cannot be unwrapped");
  };
  const auto bytes = crypto::base64_decode(wrapped);
  if (!bytes) return unreadable();
  const auto text = keys_->encryption.decrypt(*bytes);
  if (!text) return unreadable();
  auto key = crypto::base64_decode_secret(text->text());
  if (!key || key->size() != crypto::kAesKeySize) return unreadable();
  return std::make_shared<const crypto::Secret>(*std::move(key));
}

asio::awaitable<Result<SharedKeys::OutgoingPtr>> SharedKeys::outgoing(at::Atsign recipient,
                                                                      net::Deadline deadline) {
  if (outgoing_.size() >= kMost) {
    std::erase_if(outgoing_, [](const auto& one) { return !one.second->is_busy; });
  }
  auto& slot = outgoing_[recipient];
  if (!slot) slot = std::make_shared<Pair>(executor_);
  const auto pair = slot;
  while (pair->is_busy) co_await pair->done.wait();
  const bool is_doubted = doubts_.is_due(recipient, Doubts::Time::clock::now());
  if (pair->ready && !is_doubted) co_return pair->ready;

  struct Busy {
    explicit Busy(Pair& pair_) : pair(pair_) { pair.is_busy = true; }
    ~Busy() {
      pair.is_busy = false;
      pair.done.ring();
    }
    Pair& pair;
  };
  const Busy busy(*pair);
  if (pair->ready) {
    auto checked = co_await public_key(recipient, /*fresh=*/true, deadline);
    if (!checked) {
      log::info("atclient", "a public key in doubt cannot be checked, trying again later",
                {{"atsign", recipient.str()}, {"error", checked.error().what()}});
    }
    if (pair->ready) co_return pair->ready;  // it has not changed
  }
  auto made = co_await find_or_make(recipient, pair->must_rewrap, deadline);
  if (!made) {
    co_return fail(
        std::move(made).error().during("finding the key shared with " + recipient.str()));
  }
  pair->must_rewrap = false;
  pair->ready = *made;
  co_return made;
}

asio::awaitable<Result<SharedKeys::KeyPtr>> SharedKeys::own_copy(at::Atsign recipient,
                                                                 net::Deadline deadline) {
  auto key = own_key(self_, recipient);
  if (!key) co_return fail(std::move(key).error());
  at::LocalLookup lookup{at::Part::value, *std::move(key)};
  auto answer = co_await ask_(std::move(lookup), deadline);
  if (is_absent(answer)) co_return KeyPtr();
  if (!answer) co_return fail(std::move(answer).error());
  auto unwrapped = unwrap(*answer);
  if (unwrapped) co_return unwrapped;
  log::warn("atclient", "our copy of a shared key cannot be read, a new one is made",
            {{"recipient", recipient.str()}});
  co_return KeyPtr();
}

asio::awaitable<Result<SharedKeys::Stored>> SharedKeys::stored(at::Atsign recipient,
                                                               net::Deadline deadline) {
  at::LocalLookup theirs{at::Part::all, their_key(self_, recipient)};
  auto [own, other] =
      co_await net::both(own_copy(recipient, deadline), ask_(std::move(theirs), deadline));
  co_return Stored{std::move(own), std::move(other)};
}

asio::awaitable<Result<SharedKeys::OutgoingPtr>> SharedKeys::find_or_make(at::Atsign recipient,
                                                                          bool rewrap,
                                                                          net::Deadline deadline) {
  auto [theirs, known] =
      co_await net::both(public_key(recipient, false, deadline), stored(recipient, deadline));
  if (!theirs) co_return fail(std::move(theirs).error());
  if (!known->own) co_return fail(std::move(known->own).error());
  if (!known->theirs && !is_absent(known->theirs)) {
    co_return fail(std::move(known->theirs).error());
  }
  KeyPtr key = *known->own;
  if (key && !rewrap && !is_absent(known->theirs)) {
    const auto record = decode_record(*known->theirs);
    const auto current =
        record && record->data &&
        record->sealing.pub_key_cs.value_or(theirs->checksum()) == theirs->checksum();
    if (current) co_return wrap(*key, *theirs);
  }
  if (!key) {
    auto made = co_await make(recipient, deadline);
    if (!made) co_return fail(std::move(made).error());
    key = *made;
  }
  for (;;) {
    auto outgoing = wrap(*key, *theirs);
    if (!outgoing) co_return outgoing;
    auto written = co_await write_theirs(recipient, *outgoing, deadline);
    if (!written) co_return fail(std::move(written).error());
    // Another process of ours may have made one at the same time: the last one to write our own
    // copy wins, and whoever wrote theirs last has seen that.
    auto own = co_await own_copy(recipient, deadline);
    if (!own) co_return fail(std::move(own).error());
    if (!*own || crypto::equal((*own)->bytes(), key->bytes())) co_return outgoing;
    key = *own;
  }
}

asio::awaitable<Result<SharedKeys::KeyPtr>> SharedKeys::make(at::Atsign recipient,
                                                             net::Deadline deadline) {
  auto name = own_key(self_, recipient);
  if (!name) co_return fail(std::move(name).error());
  auto key = std::make_shared<const crypto::Secret>(crypto::random_secret(crypto::kAesKeySize));
  auto wrapped = wrap(*key, keys_->encryption.public_key());
  if (!wrapped) co_return fail(std::move(wrapped).error());
  at::Update update{at::Metadata(), *std::move(name), (*wrapped)->enclosed};
  update.metadata.is_encrypted = false;
  auto written = co_await ask_(std::move(update), deadline);
  if (!written) co_return fail(std::move(written).error());
  log::info("atclient", "a new shared key is made", {{"recipient", recipient.str()}});
  co_return KeyPtr(std::move(key));
}

asio::awaitable<Result<void>> SharedKeys::write_theirs(at::Atsign recipient, OutgoingPtr outgoing,
                                                       net::Deadline deadline) {
  at::Update update{at::Metadata(), their_key(self_, recipient), outgoing->enclosed};
  update.metadata.ttr = kTheirTtr;
  update.metadata.is_encrypted = false;
  update.metadata.pub_key_cs = outgoing->checksum;  // says later whether it is up to date
  auto written = co_await ask_(std::move(update), deadline);
  if (!written) co_return fail(std::move(written).error());
  co_return Result<void>();
}

Result<SharedKeys::KeyPtr> SharedKeys::enclosed(const at::Atsign& sender, const Sealing& sealing) {
  const auto kept = incoming_.find(sender);
  const bool is_known = kept != incoming_.end() && kept->second.is_current;
  if (!sealing.shared_key_enc) {
    return is_known && kept->second.wrapped.empty() ? kept->second.key : KeyPtr();
  }
  if (sealing.pub_key_cs && *sealing.pub_key_cs != keys_->encryption.public_key().checksum()) {
    return fail(Errc::bad_signature, "it is encrypted for a public key that is not ours any more");
  }
  if (is_known && kept->second.wrapped == *sealing.shared_key_enc) return kept->second.key;
  auto key = unwrap(*sealing.shared_key_enc);
  if (key) keep_incoming(sender, Kept{*sealing.shared_key_enc, *key});
  return key;
}

void SharedKeys::forget_incoming(const at::Atsign& sender) {
  const auto kept = incoming_.find(sender);
  if (kept != incoming_.end()) kept->second.is_current = false;
}

// A sender that was activated anew has lost its keys, so it shares another one with us than before;
// the public key that we know is then an old one, and it could not read what we write.
void SharedKeys::keep_incoming(const at::Atsign& sender, Kept kept) {
  const auto before = incoming_.find(sender);
  const auto published = public_keys_.find(sender);
  // The first key says nothing when we have just looked: everybody's first answer is such a one.
  const bool is_suspect =
      before != incoming_.end()
          ? !crypto::equal(before->second.key->bytes(), kept.key->bytes())
          : published == public_keys_.end() ||
                published->second.seen + Doubts::kCheckEach <= Doubts::Time::clock::now();
  if (is_suspect) doubts_.raise(sender);
  if (before == incoming_.end()) make_room(incoming_);
  incoming_.insert_or_assign(sender, std::move(kept));
}

asio::awaitable<Result<SharedKeys::KeyPtr>> SharedKeys::incoming(at::Atsign sender, bool fresh,
                                                                 net::Deadline deadline) {
  at::Lookup lookup{fresh, at::Part::value, fixed_name("shared_key"), sender};
  auto answer = co_await ask_(std::move(lookup), deadline);
  const auto doing = "fetching the key that " + sender.str() + " shares with us";
  if (answer && *answer == "null") {
    co_return fail(Error(Errc::not_found, Hop::atserver, "there is none").during(doing));
  }
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  auto key = unwrap(*answer);
  if (!key) co_return fail(std::move(key).error().during(doing).at(Hop::atserver));
  keep_incoming(sender, Kept{"", *key});
  co_return key;
}

asio::awaitable<Result<crypto::PublicKey>> SharedKeys::public_key(at::Atsign owner, bool fresh,
                                                                  net::Deadline deadline) {
  if (owner == self_) co_return keys_->encryption.public_key();
  const auto now = Doubts::Time::clock::now();
  fresh = fresh || doubts_.is_due(owner, now);
  const auto known = public_keys_.find(owner);
  const bool is_known = known != public_keys_.end();
  if (is_known && !fresh) co_return known->second.key;
  if (is_known) doubts_.check(owner, now);  // the first look-up is none that a peer makes us do
  auto key = co_await fetch_public_key(owner, fresh, deadline);
  if (!key) co_return key;
  if (fresh) doubts_.settle(owner);
  keep_public_key(owner, *key);
  co_return key;
}

asio::awaitable<Result<crypto::PublicKey>> SharedKeys::fetch_public_key(at::Atsign owner,
                                                                        bool fresh,
                                                                        net::Deadline deadline) {
  at::PublicLookup lookup{fresh, at::Part::value, fixed_name("publickey"), owner};
  auto answer = co_await ask_(std::move(lookup), deadline);
  const auto doing = "fetching the public key of " + owner.str();
  if (is_absent(answer)) {
    auto error =
        answer ? Error(Errc::not_found, Hop::atserver, "there is none") : std::move(answer).error();
    co_return fail(std::move(error).during(doing).hint("check how " + owner.str() +
                                                       " is spelt, and that it is activated"));
  }
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  auto key = crypto::PublicKey::parse(trim(*answer));
  if (!key) co_return fail(std::move(key).error().during(doing).at(Hop::atserver));
  co_return key;
}

void SharedKeys::keep_public_key(const at::Atsign& owner, const crypto::PublicKey& key) {
  const auto pair = outgoing_.find(owner);
  if (pair != outgoing_.end() && pair->second->ready &&
      pair->second->ready->public_key != key.text()) {
    log::info("atclient", "an atSign has a new public key", {{"atsign", owner.str()}});
    pair->second->ready.reset();
    pair->second->must_rewrap = true;
  }
  if (!public_keys_.contains(owner)) make_room(public_keys_);
  public_keys_.insert_or_assign(owner, Published{key, Doubts::Time::clock::now()});
}

}  // namespace noports::atclient
