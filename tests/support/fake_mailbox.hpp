// SPDX-License-Identifier: BSD-3-Clause
// A Mailbox without an atServer: records what is sent and stored, delivers what a test puts in.
//
//   FakeMailbox mail(loop.get_executor(), "@ann");
//   mail.answers("@relay", "s1.sshrvd", "host,1,2,n");     // waits for its subscriber
//   mail.on_letter = [&](const Letter& l) { mail.deliver("@dev", "heartbeat.lab.sshnp", "{}"); };
//   FakeMailbox::link(client_mail, daemon_mail);           // two of them write to each other
#pragma once

#include <re2/re2.h>

#include <algorithm>
#include <asio/any_io_executor.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "noports/atclient/inboxes.hpp"
#include "noports/atclient/mailbox.hpp"

namespace noports::test {

class FakeMailbox : public atclient::Mailbox {
 public:
  using Letter = atclient::Letter;
  using Note = atclient::Note;
  using Record = atclient::Record;
  using RecordName =
      std::pair<std::string, std::string>;  // owner "@bob", name "username.lab.sshnp"

  FakeMailbox(asio::any_io_executor executor, std::string_view self)
      : self_(*at::Atsign::parse(self)),
        executor_(executor),
        inboxes_(executor),
        bell_(executor, asio::steady_timer::time_point::max()) {}

  // ---- what the test prepares ----
  std::map<RecordName, std::string> shared;              // get() answers from here
  std::map<std::string, crypto::PublicKey> public_keys;  // "@bob" -> key; self is one of them
  // What other atSigns made public: "@bob" -> name -> value, for get_public(); peers answer too.
  std::map<std::string, std::map<std::string, std::string>> published;
  std::vector<std::string> own_keys;  // scan() answers those that match; put() and remove() edit it
  std::optional<Error> notify_fails;  // every notify() ends so while it is set; nothing is recorded
  std::optional<Error> store_fails;   // the same for put, put_public, remove, get, scan, public_key
  std::function<void(const Letter&)> on_letter;  // told of each letter, e.g. to deliver an answer

  // ---- what the code under test has done ----
  std::vector<Letter> letters;                       // all that were sent, in order
  std::vector<Record> records;                       // all that were put, in order
  std::map<std::string, std::string> public_values;  // name -> value, put_public
  std::size_t public_look_ups = 0;                   // get_public()
  std::vector<at::Key> removed;
  std::set<std::string> claimed;  // claim(); a test may claim for another program

  // A note arrives now; says how many subscribers took it.
  std::size_t deliver(std::string_view from, std::string_view key, std::string_view value) {
    return deliver(make_note(from, key, value));
  }
  std::size_t deliver(const Note& note) { return inboxes_.deliver(note); }

  // A note that arrives as soon as somebody subscribes to it (at once if somebody does).
  void answers(std::string_view from, std::string_view key, std::string_view value) {
    auto note = make_note(from, key, value);
    if (inboxes_.deliver(note) == 0) waiting_.push_back(std::move(note));
  }

  // The next letter that no next_letter() call has returned yet; waits for it (use net::before).
  asio::awaitable<Result<Letter>> next_letter() {
    while (taken_ == letters.size()) {
      co_await bell_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    }
    co_return letters[taken_++];
  }
  // The letters so far whose key is `key`.
  std::size_t count(std::string_view key) const {
    return static_cast<std::size_t>(std::count_if(
        letters.begin(), letters.end(), [&](const auto& l) { return l.key.str() == key; }));
  }

  // Letters and records of each for the other pass between them from now on.
  static void link(FakeMailbox& a, FakeMailbox& b) {
    a.peers_.push_back(&b);
    b.peers_.push_back(&a);
  }

  // As when the client is closed: waits end with disconnected.
  void close() { inboxes_.close(Error(Errc::disconnected, "the mailbox is closed")); }

  // ---- Mailbox ----
  const at::Atsign& self() const noexcept override { return self_; }

  asio::awaitable<Result<void>> notify(Letter letter, net::Deadline) override {
    if (notify_fails) co_return fail(*notify_fails);
    letters.push_back(letter);
    bell_.cancel();
    for (auto* peer : peers_) {
      if (peer->self_ == letter.to) peer->deliver(self_.str(), letter.key.str(), letter.value);
    }
    if (on_letter) on_letter(letter);
    co_return Result<void>();
  }

  atclient::Inbox subscribe(atclient::Wanted wanted) override {
    auto inbox = inboxes_.subscribe(std::move(wanted));
    std::erase_if(waiting_, [&](const Note& note) { return inboxes_.deliver(note) > 0; });
    return inbox;
  }

  asio::awaitable<Result<std::string>> get(at::Atsign owner, at::KeyName name, bool,
                                           net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    const auto found = shared.find(RecordName(owner.str(), name.str()));
    if (found == shared.end()) {
      co_return fail(Errc::not_found, Hop::atserver, "no record " + name.str() + owner.str());
    }
    co_return found->second;
  }

  asio::awaitable<Result<void>> put(Record record, net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    add_key(at::Key::shared(record.with, record.name, self_));
    for (auto* peer : peers_) {
      if (peer->self_ == record.with) {
        peer->shared[RecordName(self_.str(), record.name.str())] = record.value;
      }
    }
    records.push_back(std::move(record));
    co_return Result<void>();
  }

  asio::awaitable<Result<void>> put_public(at::KeyName name, std::string value,
                                           net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    add_key(at::Key::open(name, self_));
    public_values[name.str()] = std::move(value);
    co_return Result<void>();
  }

  asio::awaitable<Result<std::string>> get_public(at::Atsign owner, at::KeyName name,
                                                  net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    ++public_look_ups;
    const auto& values = owner == self_ ? public_values : values_of(owner);
    const auto found = values.find(name.str());
    if (found == values.end()) {
      co_return fail(Errc::not_found, Hop::atserver, "no record public:" + name.str());
    }
    co_return found->second;
  }

  asio::awaitable<Result<bool>> claim(at::KeyName name, std::chrono::milliseconds,
                                      net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    co_return claimed.insert(name.str()).second;
  }

  asio::awaitable<Result<void>> remove(at::Key key, net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    std::erase(own_keys, key.str());
    removed.push_back(std::move(key));
    co_return Result<void>();
  }

  asio::awaitable<Result<std::vector<std::string>>> scan(std::string regex,
                                                         net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    std::vector<std::string> found;
    for (const auto& key : own_keys) {
      if (re2::RE2::PartialMatch(key, regex)) found.push_back(key);
    }
    co_return found;
  }

  asio::awaitable<Result<std::vector<std::string>>> scan_shared(at::Atsign owner, std::string regex,
                                                                net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    std::vector<std::string> found;
    for (const auto& [name, value] : shared) {
      const auto seen = self_.str() + ":" + name.second + name.first;
      if (name.first == owner.str() && re2::RE2::PartialMatch(seen, regex)) {
        found.push_back(name.second + name.first);
      }
    }
    co_return found;
  }

  asio::awaitable<Result<crypto::PublicKey>> public_key(at::Atsign owner, bool,
                                                        net::Deadline) override {
    if (store_fails) co_return fail(*store_fails);
    const auto found = public_keys.find(owner.str());
    if (found == public_keys.end()) {
      co_return fail(Errc::not_found, Hop::atserver, owner.str() + " has no public key");
    }
    co_return found->second;
  }

 private:
  Note make_note(std::string_view from, std::string_view key, std::string_view value) {
    Note note{"note-" + std::to_string(++serial_), *at::Atsign::parse(from),
              *at::KeyName::parse(key), std::string(value), 1'700'000'000'000 + serial_};
    return note;
  }
  const std::map<std::string, std::string>& values_of(const at::Atsign& owner) {
    for (const auto* peer : peers_) {
      if (peer->self_ == owner) return peer->public_values;
    }
    return published[owner.str()];
  }
  void add_key(const at::Key& key) {
    const auto text = key.str();
    if (std::find(own_keys.begin(), own_keys.end(), text) == own_keys.end()) {
      own_keys.push_back(text);
    }
  }

  at::Atsign self_;
  asio::any_io_executor executor_;
  atclient::Inboxes inboxes_;
  asio::steady_timer bell_;
  std::deque<Note> waiting_;
  std::size_t taken_ = 0;
  std::int64_t serial_ = 0;
  std::vector<FakeMailbox*> peers_;
};

}  // namespace noports::test
