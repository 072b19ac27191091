// SPDX-License-Identifier: BSD-3-Clause
// The name of a record: "@bob:phone.ns@alice" and its other forms (atprotocol-wire.md 6.1).
// Can hold no line break, blank or control character, so that it can stand in a verb.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"

namespace noports::at {

// The middle part: entity with its namespace, e.g. "heartbeat.lab.sshnp", "publickey",
// "shared_key.bob", "_apsk.primary.a.__e". Lower-cased.
class KeyName {
 public:
  // bad_syntax when empty, longer than 248 bytes, no UTF-8, or holding '@', ':', blanks, control
  // characters or other characters that cannot be seen
  static Result<KeyName> parse(std::string_view text);
  const std::string& str() const noexcept { return text_; }
  auto operator<=>(const KeyName&) const = default;

 private:
  explicit KeyName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A complete key. `privatekey` keys have no owner; `internal` ones are made and read by the server
// alone and stand in no verb.
struct Key {
  enum class Scope {
    self,        // phone.ns@alice
    shared,      // @bob:phone.ns@alice
    open,        // public:phone.ns@alice
    privatekey,  // privatekey:at_secret
    internal,    // private:_4c3d3e2c-...@alice
  };
  bool cached = false;  // cached: in front
  Scope scope = Scope::self;
  std::optional<Atsign> with;  // the sharee of a shared key
  KeyName name;
  std::optional<Atsign> owner;  // absent for privatekey

  static Key self(KeyName name, Atsign owner);
  static Key shared(Atsign with, KeyName name, Atsign owner);
  static Key open(KeyName name, Atsign owner);
  static Key privatekey(KeyName name);
  static Key internal(KeyName name, Atsign owner);

  // The text as it is stored and as peers read it.
  std::string str() const;
  // Lower-cases; bad_syntax for what is none of the shapes, refused for what is longer than 248
  // bytes (255 with cached:). Only shared and public keys can be cached.
  static Result<Key> parse(std::string_view text);

  auto operator<=>(const Key&) const = default;
};

}  // namespace noports::at
