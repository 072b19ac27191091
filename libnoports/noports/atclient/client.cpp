// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/client.hpp"

#include <asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "noports/atclient/address_book.hpp"
#include "noports/atclient/commands.hpp"
#include "noports/atclient/inboxes.hpp"
#include "noports/atclient/last_resort.hpp"
#include "noports/atclient/login.hpp"
#include "noports/atclient/monitor.hpp"
#include "noports/atclient/reception.hpp"
#include "noports/atclient/shared_keys.hpp"
#include "noports/atclient/values.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/task_group.hpp"

namespace noports::atclient {

using namespace std::chrono_literals;

namespace {

// Without a time to resume from, our clock says from when notifications are wanted; by so much it
// may be ahead of the atServer's before some of the first second could be missed.
constexpr auto kClockDoubt = 5s;

Progress first_progress(const Account& account) {
  if (account.resume_from) return Progress(*account.resume_from, /*is_guess=*/false);
  const auto now = std::chrono::system_clock::now().time_since_epoch() - kClockDoubt;
  return Progress(std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                  /*is_guess=*/true);
}

std::shared_ptr<AddressBook> book_of(const Account& account) {
  if (!account.address_book) return nullptr;
  return std::make_shared<AddressBook>(*account.address_book, account.directory);
}

at::Notify notify_verb(const Letter& letter, const SharedKeys::Outgoing& shared, Sealed sealed,
                       at::Atsign self) {
  at::Notify verb{
      {}, at::Operation::update, false, {}, {}, {}, {}, {}, {}, letter.to, false, {}, {}, {}};
  // Ours, so that a repeat after a broken connection is seen to be one by whoever receives it.
  verb.id = crypto::random_uuid();
  verb.ttln = letter.ttln.count();
  if (letter.ttl) verb.metadata.ttl = letter.ttl->count();
  verb.metadata.ttr = letter.ttr;
  if (letter.ccd) verb.metadata.ccd = true;
  verb.metadata.is_encrypted = true;
  verb.metadata.shared_key_enc = shared.enclosed;
  verb.metadata.pub_key_cs = shared.checksum;
  verb.metadata.iv_nonce = std::move(sealed.iv);
  verb.name = letter.key;
  verb.owner = std::move(self);
  verb.value = std::move(sealed.value);
  return verb;
}

class RealClient final : public Client {
 public:
  RealClient(asio::any_io_executor executor, Account account)
      : account_(std::move(account)),
        login_(account_.directory, account_.tls, account_.self, account_.keys, book_of(account_)),
        commands_(executor, login_),
        shared_keys_(executor, account_.self, account_.keys,
                     [this](at::Verb verb, net::Deadline deadline) {
                       return commands_.ask(std::move(verb), deadline);
                     }),
        inboxes_(executor),
        tasks_(executor, log::escapes("atclient")),
        connections_(executor, last_resort([this] { give_up(closed()); })),
        reception_(account_.self, inboxes_, shared_keys_, tasks_),
        monitor_(executor, login_, first_progress(account_),
                 [this](at::Notification heard) { reception_.hear(std::move(heard)); }) {}

  asio::awaitable<Result<void>> open(net::Deadline deadline);

  asio::awaitable<void> close() override;
  bool is_connected() const noexcept override { return !is_over_ && monitor_.is_connected(); }
  std::int64_t seen_until() const noexcept override { return monitor_.progress().newest(); }

  const at::Atsign& self() const noexcept override { return account_.self; }
  asio::awaitable<Result<void>> notify(Letter letter, net::Deadline deadline) override;
  Inbox subscribe(Wanted wanted) override;
  asio::awaitable<Result<std::string>> get(at::Atsign owner, at::KeyName name, bool fresh,
                                           net::Deadline deadline) override;
  asio::awaitable<Result<void>> put(Record record, net::Deadline deadline) override;
  asio::awaitable<Result<void>> put_public(at::KeyName name, std::string value,
                                           net::Deadline deadline) override;
  asio::awaitable<Result<std::string>> get_public(at::Atsign owner, at::KeyName name,
                                                  net::Deadline deadline) override;
  asio::awaitable<Result<bool>> claim(at::KeyName name, std::chrono::milliseconds ttl,
                                      net::Deadline deadline) override;
  asio::awaitable<Result<void>> remove(at::Key key, net::Deadline deadline) override;
  asio::awaitable<Result<std::vector<std::string>>> scan(std::string regex,
                                                         net::Deadline deadline) override;
  asio::awaitable<Result<std::vector<std::string>>> scan_shared(at::Atsign owner, std::string regex,
                                                                net::Deadline deadline) override;
  asio::awaitable<Result<crypto::PublicKey>> public_key(at::Atsign owner, bool fresh,
                                                        net::Deadline deadline) override {
    return shared_keys_.public_key(std::move(owner), fresh, deadline);
  }

 private:
  static Error closed() { return {Errc::disconnected, "the mailbox is closed"}; }
  asio::awaitable<void> receive();
  void give_up(const Error& why);
  asio::awaitable<Result<void>> tell(at::Verb verb, std::string doing, net::Deadline deadline);
  asio::awaitable<Result<std::vector<std::string>>> list(at::Scan verb, std::string doing,
                                                         net::Deadline deadline);
  asio::awaitable<Result<StoredRecord>> fetch(at::Atsign owner, at::KeyName name, bool fresh,
                                              net::Deadline deadline);
  asio::awaitable<Result<std::string>> read(at::Atsign owner, StoredRecord record, bool fresh,
                                            net::Deadline deadline);

  const Account account_;
  Login login_;
  Commands commands_;
  SharedKeys shared_keys_;
  Inboxes inboxes_;
  net::TaskGroup tasks_;        // one that ends by exception harms what it was about
  net::TaskGroup connections_;  // one that ends by exception would leave us deaf
  Reception reception_;
  Monitor monitor_;
  bool is_over_ = false;
};

asio::awaitable<Result<void>> RealClient::open(net::Deadline deadline) {
  auto found = co_await login_.find(deadline);  // once for both connections
  if (!found) co_return fail(std::move(found).error());
  auto [commands, monitor] = co_await net::both(commands_.open(deadline), monitor_.open(deadline));
  if (!commands) co_return commands;
  if (!monitor) co_return monitor;
  connections_.spawn(commands_.serve());
  connections_.spawn(receive());
  for (std::size_t i = 0; i < account_.helpers; ++i) tasks_.spawn(commands_.assist());
  log::info("atclient", "connected", {{"atsign", account_.self.str()}});
  co_return Result<void>();
}

asio::awaitable<void> RealClient::receive() {
  const auto why = co_await monitor_.run();
  give_up(why);
}

// Ends every wait of our users, now and later.
void RealClient::give_up(const Error& why) {
  if (std::exchange(is_over_, true)) return;
  commands_.close();
  inboxes_.close(why);
  connections_.cancel();
  tasks_.cancel();
}

asio::awaitable<void> RealClient::close() {
  give_up(closed());
  co_await connections_.join();
  co_await tasks_.join();
}

Inbox RealClient::subscribe(Wanted wanted) {
  auto inbox = inboxes_.subscribe(std::move(wanted));
  reception_.release();
  return inbox;
}

// A verb of which only success is of interest.
asio::awaitable<Result<void>> RealClient::tell(at::Verb verb, std::string doing,
                                               net::Deadline deadline) {
  auto answer = co_await commands_.ask(std::move(verb), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  co_return Result<void>();
}

asio::awaitable<Result<void>> RealClient::notify(Letter letter, net::Deadline deadline) {
  const auto doing = "notifying " + letter.to.str();
  auto shared = co_await net::before(deadline, shared_keys_.outgoing(letter.to, deadline));
  if (!shared) co_return fail(std::move(shared).error().during(doing));
  auto sealed = seal((*shared)->key, letter.value);
  if (!sealed) co_return fail(std::move(sealed).error().during(doing));

  auto verb = notify_verb(letter, **shared, *std::move(sealed), account_.self);
  log::debug("atclient", "sending a notification",
             {{"to", letter.to.str()}, {"key", letter.key.str()}, {"id", *verb.id}});
  co_return co_await tell(std::move(verb), doing, deadline);
}

asio::awaitable<Result<StoredRecord>> RealClient::fetch(at::Atsign owner, at::KeyName name,
                                                        bool fresh, net::Deadline deadline) {
  const auto doing = "looking up " + name.str() + owner.str();
  at::Verb verb = at::Lookup{fresh, at::Part::all, name, owner};
  if (owner == account_.self) verb = at::LocalLookup{at::Part::all, at::Key::self(name, owner)};
  auto answer = co_await commands_.ask(std::move(verb), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  auto record = decode_record(*answer);
  const bool is_expired = *answer == "null" || (record && !record->data);
  if (is_expired) {
    co_return fail(Error(Errc::not_found, Hop::atserver, "it has expired").during(doing));
  }
  if (!record) co_return fail(std::move(record).error().during(doing).at(Hop::atserver));
  co_return record;
}

asio::awaitable<Result<std::string>> RealClient::read(at::Atsign owner, StoredRecord record,
                                                      bool fresh, net::Deadline deadline) {
  auto proper = check(record.sealing, /*may_be_undeclared=*/true);
  if (!proper) co_return fail(std::move(proper).error());
  if (owner == account_.self) {
    co_return unseal(account_.keys->self_encryption, *record.data, record.sealing.iv);
  }
  auto key = shared_keys_.enclosed(owner, record.sealing);
  if (!key) co_return fail(std::move(key).error());
  if (*key) {
    auto value = unseal(**key, *record.data, record.sealing.iv);
    if (value || record.sealing.shared_key_enc) co_return value;
    fresh = true;  // the key that we remember may be an old one
  }
  auto fetched = co_await shared_keys_.incoming(owner, fresh, deadline);
  if (!fetched) co_return fail(std::move(fetched).error());
  co_return unseal(**fetched, *record.data, record.sealing.iv);
}

asio::awaitable<Result<std::string>> RealClient::get(at::Atsign owner, at::KeyName name, bool fresh,
                                                     net::Deadline deadline) {
  auto record = co_await fetch(owner, name, fresh, deadline);
  if (!record) co_return fail(std::move(record).error());
  auto value = co_await read(owner, *std::move(record), fresh, deadline);
  if (!value) {
    co_return fail(std::move(value).error().during("reading " + name.str() + owner.str()));
  }
  co_return value;
}

asio::awaitable<Result<void>> RealClient::put(Record record, net::Deadline deadline) {
  const auto doing = "storing " + record.name.str() + " for " + record.with.str();
  at::Update verb{at::Metadata(), at::Key::shared(record.with, record.name, account_.self), ""};
  const crypto::Secret* key = &account_.keys->self_encryption;
  auto shared = SharedKeys::OutgoingPtr();
  if (record.with != account_.self) {
    auto found = co_await net::before(deadline, shared_keys_.outgoing(record.with, deadline));
    if (!found) co_return fail(std::move(found).error().during(doing));
    shared = *found;
    key = &shared->key;
    verb.metadata.shared_key_enc = shared->enclosed;
    verb.metadata.pub_key_cs = shared->checksum;
  }
  auto sealed = seal(*key, record.value);
  if (!sealed) co_return fail(std::move(sealed).error().during(doing));
  if (record.ttl) verb.metadata.ttl = record.ttl->count();
  verb.metadata.ttr = record.ttr;
  if (record.ccd) verb.metadata.ccd = true;
  verb.metadata.is_encrypted = true;
  verb.metadata.iv_nonce = sealed->iv;
  verb.value = std::move(sealed->value);
  co_return co_await tell(std::move(verb), doing, deadline);
}

asio::awaitable<Result<void>> RealClient::put_public(at::KeyName name, std::string value,
                                                     net::Deadline deadline) {
  const auto doing = "publishing " + name.str();
  at::Update verb{at::Metadata(), at::Key::open(std::move(name), account_.self), std::move(value)};
  verb.metadata.is_encrypted = false;
  co_return co_await tell(std::move(verb), doing, deadline);
}

asio::awaitable<Result<std::string>> RealClient::get_public(at::Atsign owner, at::KeyName name,
                                                            net::Deadline deadline) {
  const auto doing = "looking up public:" + name.str() + owner.str();
  at::Verb verb = at::PublicLookup{/*bypass_cache=*/true, at::Part::value, name, owner};
  if (owner == account_.self) verb = at::LocalLookup{at::Part::value, at::Key::open(name, owner)};
  auto answer = co_await commands_.ask(std::move(verb), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  if (*answer == "null") {
    co_return fail(Error(Errc::not_found, Hop::atserver, "there is none").during(doing));
  }
  co_return answer;
}

asio::awaitable<Result<bool>> RealClient::claim(at::KeyName name, std::chrono::milliseconds ttl,
                                                net::Deadline deadline) {
  const auto doing = "claiming " + name.str();
  at::Update verb{at::Metadata(), at::Key::self(std::move(name), account_.self), "lock"};
  verb.metadata.ttl = ttl.count();
  verb.metadata.is_encrypted = false;
  verb.metadata.immutable = true;
  auto told = co_await tell(std::move(verb), doing, deadline);
  if (told) co_return true;
  // The servers have no code of their own for it; the reference looks for the word, too.
  if (lower(told.error().what()).find("immutable") != std::string::npos) co_return false;
  co_return fail(std::move(told).error());
}

asio::awaitable<Result<void>> RealClient::remove(at::Key key, net::Deadline deadline) {
  const auto doing = "deleting " + key.str();
  at::Delete verb{std::move(key)};
  co_return co_await tell(std::move(verb), doing, deadline);
}

asio::awaitable<Result<std::vector<std::string>>> RealClient::scan(std::string regex,
                                                                   net::Deadline deadline) {
  at::Scan verb;
  verb.regex = std::move(regex);
  co_return co_await list(std::move(verb), "listing our keys", deadline);
}

asio::awaitable<Result<std::vector<std::string>>> RealClient::scan_shared(at::Atsign owner,
                                                                          std::string regex,
                                                                          net::Deadline deadline) {
  const auto doing = "listing what " + owner.str() + " shares with us";
  at::Scan verb;
  verb.regex = std::move(regex);
  if (owner != account_.self) verb.of = std::move(owner);
  co_return co_await list(std::move(verb), doing, deadline);
}

asio::awaitable<Result<std::vector<std::string>>> RealClient::list(at::Scan verb, std::string doing,
                                                                   net::Deadline deadline) {
  if (verb.regex.find_first_of(" \t\r\n") != verb.regex.npos) {
    co_return fail(Errc::bad_syntax, "a pattern for key names cannot hold blanks");
  }
  auto answer = co_await commands_.ask(std::move(verb), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing));
  co_return decode_keys(*answer);
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Client>>> connect(Account account, net::Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  auto client = std::make_unique<RealClient>(executor, std::move(account));
  auto opened = co_await client->open(deadline);
  if (!opened) co_return fail(std::move(opened).error());
  co_return std::unique_ptr<Client>(std::move(client));
}

}  // namespace noports::atclient
