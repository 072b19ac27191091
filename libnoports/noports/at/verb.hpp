// SPDX-License-Identifier: BSD-3-Clause
// The commands of the atProtocol as values. Both ends use this file: the client encodes what the
// server decodes. Nothing here reads, writes, waits or logs. Grammar: atprotocol-wire.md 3.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/at/metadata.hpp"
#include "noports/base/result.hpp"

namespace noports::at {

// An empty line: C clients send one to see whether anybody is there.
struct Empty {
  bool operator==(const Empty&) const = default;
};
// "@exit"
struct Exit {
  bool operator==(const Exit&) const = default;
};
struct From {
  Atsign who;
  std::optional<std::string> client_config;  // a JSON object as text
  bool operator==(const From&) const = default;
};
struct Cram {
  std::string digest;
  bool operator==(const Cram&) const = default;
};
struct Pkam {
  std::string signing_algo = "rsa2048";
  std::string hashing_algo = "sha256";
  std::optional<std::string> enrollment_id;
  std::string signature;  // base64
  bool operator==(const Pkam&) const = default;
};
// The proof of one atServer to another; nothing but the word.
struct Pol {
  bool operator==(const Pol&) const = default;
};
struct Noop {
  std::uint32_t milliseconds = 0;
  bool operator==(const Noop&) const = default;
};
struct Scan {
  bool show_hidden = false;
  std::optional<Atsign> of;
  std::string regex;  // empty: everything
  bool operator==(const Scan&) const = default;
};
// Which part of a record is asked for.
enum class Part { value, meta, all };
// llookup: a record of the owner's own store, by its full key
struct LocalLookup {
  Part part = Part::value;
  Key key;
  bool operator==(const LocalLookup&) const = default;
};
// lookup: what <owner> shared with the asker
struct Lookup {
  bool bypass_cache = false;
  Part part = Part::value;
  KeyName name;
  Atsign owner;
  bool operator==(const Lookup&) const = default;
};
// plookup: what <owner> made public
struct PublicLookup {
  bool bypass_cache = false;
  Part part = Part::value;
  KeyName name;
  Atsign owner;
  bool operator==(const PublicLookup&) const = default;
};
// update, and update:json, which can say what the plain form cannot: a value that ends in a blank
struct Update {
  Metadata metadata;
  Key key;
  std::string value;  // holds no LF
  bool operator==(const Update&) const = default;
};
// update:meta: what is said about a record, whose value stays (3.10)
struct UpdateMeta {
  Key key;
  Metadata metadata;
  bool operator==(const UpdateMeta&) const = default;
};
struct Delete {
  Key key;
  bool force = false;  // immutable records too (noports-newer.md 16.1)
  bool operator==(const Delete&) const = default;
};
enum class Operation { update, remove };
struct Notify {
  std::optional<std::string> id;
  Operation operation = Operation::update;
  bool is_text = false;  // messageType:text: `name` is unused and `value` is the message
  std::optional<std::string> priority, strategy, notifier;
  std::optional<std::uint64_t> latest_n;
  std::optional<std::int64_t> ttln;  // ms
  Metadata metadata;
  // Absent in the form that public keys have between atServers of old (4.2): whoever reads it.
  std::optional<Atsign> to;
  bool is_public = false;  // "public:" stands in front of the name
  std::optional<KeyName> name;
  std::optional<Atsign> owner;  // the sender as written; the server's own atSign when absent
  std::optional<std::string> value;
  bool operator==(const Notify&) const = default;
};
// The same to several at once; `what` has neither id nor recipient.
struct NotifyAll {
  Notify what;
  std::vector<Atsign> to;
  bool operator==(const NotifyAll&) const = default;
};
struct NotifyStatus {
  std::string id;
  bool operator==(const NotifyStatus&) const = default;
};
struct NotifyFetch {
  std::string id;
  bool operator==(const NotifyFetch&) const = default;
};
// What was received and has not expired.
struct NotifyList {
  std::optional<std::chrono::sys_days> from, until;  // the first and the last day, UTC
  std::string regex;                                 // on keys; empty: everything
  bool operator==(const NotifyList&) const = default;
};
struct NotifyRemove {
  std::string id;
  bool operator==(const NotifyRemove&) const = default;
};
struct Monitor {
  bool self_notifications = false;
  std::optional<std::int64_t> since;  // epoch ms; everything strictly later is sent first
  std::string regex;                  // empty: everything
  bool operator==(const Monitor&) const = default;
};
// sync: what changed after a commit id (3.16)
struct Sync {
  std::int64_t from = -1;   // a commit id; the answer begins with the next one
  std::uint64_t limit = 0;  // said by every client, of no meaning to any server
  std::string regex;        // on complete keys; empty: everything
  bool operator==(const Sync&) const = default;
};
// stats: figures about the atServer, by their numbers (3.17)
struct Stats {
  static constexpr std::uint8_t kHighest = 15;
  std::vector<std::uint8_t> ids;  // none: all that the server has
  std::string regex;              // on keys, for the figures 3 and 15 alone; empty: everything
  bool operator==(const Stats&) const = default;
};
// batch: commands in one line, which clients use to write what they changed while they were away
// (3.18)
struct Batch {
  struct Item {
    std::int64_t id = 0;  // of the client's choice
    std::string command;  // one line
    bool operator==(const Item&) const = default;
  };
  std::vector<Item> items;
  bool operator==(const Batch&) const = default;
};
// config: whom the atSign lets in (3.19)
struct Config {
  enum class List { block, allow };
  enum class Action {
    add,
    remove,
    show,
    setting,  // set, reset or print: of servers in testing mode
  };
  Action action = Action::show;
  List list = List::block;
  std::vector<Atsign> atsigns;  // of add and remove, at least one
  std::string setting{};        // "print:name", ...
  bool operator==(const Config&) const = default;
};
// enroll:<operation>[:force][:<json>]
struct Enroll {
  std::string operation;  // "request", ...
  std::string json;       // an object as text, not parsed; empty when there was none
  bool force = false;     // revoke even the enrolment that asks
  bool operator==(const Enroll&) const = default;
};

// info: which server this is, and since when (3.20)
struct Info {
  bool brief = false;
  bool operator==(const Info&) const = default;
};
// otp: a passcode for one enrolment request, or (put) the one for many (3.22)
struct Otp {
  enum class Operation { get, put };
  Operation operation = Operation::get;
  std::string passcode;             // of put: 6 or more letters, digits and '_'
  std::optional<std::int64_t> ttl;  // ms
  bool operator==(const Otp&) const = default;
};
// keys: what an enrolment keeps on the atServer, above all the two keys that its approver left
// for it (3.23). Texts that are absent are empty.
struct Keys {
  enum class Operation { put, get, remove };
  Operation operation = Operation::get;
  std::string visibility;  // "public", "private", "self"
  std::string name_space, app_name, device_name, key_type, encryption_key_name;
  std::string key_name;  // a full key for get and remove
  std::string value;
  bool operator==(const Keys&) const = default;
};

using Verb = std::variant<Empty, Exit, From, Cram, Pkam, Pol, Noop, Scan, LocalLookup, Lookup,
                          PublicLookup, Update, UpdateMeta, Delete, Notify, NotifyAll, NotifyStatus,
                          NotifyFetch, NotifyList, NotifyRemove, Monitor, Sync, Stats, Enroll, Info,
                          Otp, Keys, Batch, Config>;

// One line, without its LF, in the order that every server accepts. Throws std::logic_error when a
// text inside holds an LF: it would be a second command.
std::string encode(const Verb& verb);

// The same line back; blanks around it are ignored, the verb's own name may have any case.
// bad_syntax with a sentence that quotes nothing of the line's values; not_found for a word that
// is no verb of ours (the server answers the two differently).
Result<Verb> decode(std::string_view line);

}  // namespace noports::at
