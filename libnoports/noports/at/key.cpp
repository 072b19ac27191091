// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/key.hpp"

#include "noports/at/pieces.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

constexpr std::size_t kMaxKey = 248;  // bytes, without "cached:"

// "@bob:" of a shared key, whose '@' has been seen.
Result<std::optional<Atsign>> take_sharee(std::string_view& rest) {
  const auto end = rest.find(':');
  if (end == rest.npos) return std::optional<Atsign>();
  auto with = Atsign::parse(rest.substr(0, end));
  if (!with) return fail(std::move(with).error().during("key, shared with"));
  rest.remove_prefix(end + 1);
  return std::optional<Atsign>(*std::move(with));
}

Result<Key::Scope> take_scope(std::string_view& rest, bool cached) {
  if (take(rest, "public:")) return Key::Scope::open;
  if (rest.starts_with('@')) return Key::Scope::shared;
  if (cached) return fail(Errc::bad_syntax, "key: only shared and public keys can be cached");
  if (take(rest, "privatekey:")) return Key::Scope::privatekey;
  if (take(rest, "private:")) return Key::Scope::internal;
  return Key::Scope::self;
}

std::string_view prefix(Key::Scope scope) {
  switch (scope) {
    case Key::Scope::open:
      return "public:";
    case Key::Scope::privatekey:
      return "privatekey:";
    case Key::Scope::internal:
      return "private:";
    case Key::Scope::self:
    case Key::Scope::shared:
      break;
  }
  return "";
}

}  // namespace

Result<KeyName> KeyName::parse(std::string_view text) {
  if (text.empty()) return fail(Errc::bad_syntax, "a key must have a name");
  if (text.size() > kMaxKey) return fail(Errc::bad_syntax, "a key's name is longer than 248 bytes");
  if (!is_visible(text)) {
    return fail(Errc::bad_syntax,
                "a key's name must be UTF-8 without blanks and control characters");
  }
  if (text.find_first_of(":@") != text.npos) {
    return fail(Errc::bad_syntax, "a key's name must not hold ':' or '@'");
  }
  return KeyName(lower(text));
}

Key Key::self(KeyName name, Atsign owner) {
  return Key{false, Scope::self, std::nullopt, std::move(name), std::move(owner)};
}

Key Key::shared(Atsign with, KeyName name, Atsign owner) {
  return Key{false, Scope::shared, std::move(with), std::move(name), std::move(owner)};
}

Key Key::open(KeyName name, Atsign owner) {
  return Key{false, Scope::open, std::nullopt, std::move(name), std::move(owner)};
}

Key Key::privatekey(KeyName name) {
  return Key{false, Scope::privatekey, std::nullopt, std::move(name), std::nullopt};
}

Key Key::internal(KeyName name, Atsign owner) {
  return Key{false, Scope::internal, std::nullopt, std::move(name), std::move(owner)};
}

std::string Key::str() const {
  std::string text = cached ? "cached:" : "";
  text += prefix(scope);
  if (with) text += with->str() + ":";
  text += name.str();
  if (owner) text += owner->str();
  return text;
}

Result<Key> Key::parse(std::string_view text) {
  const auto lowered = lower(text);
  std::string_view rest = lowered;
  const bool cached = take(rest, "cached:");
  if (rest.size() > kMaxKey) {
    return fail(Errc::refused, "key length " + std::to_string(rest.size()) +
                                   " is greater than max allowed 248 chars");
  }
  const auto scope = take_scope(rest, cached);
  if (!scope) return fail(scope.error());

  std::optional<Atsign> with;
  if (*scope == Scope::shared) {
    auto sharee = take_sharee(rest);
    if (!sharee) return fail(std::move(sharee).error());
    if (!*sharee) return fail(Errc::bad_syntax, "key: want @sharee:name@owner");
    with = *std::move(sharee);
  }
  std::optional<Atsign> owner;
  if (*scope != Scope::privatekey) {
    const auto at = rest.rfind('@');
    if (at == rest.npos) return fail(Errc::bad_syntax, "key: the owner is missing");
    auto written = Atsign::parse(rest.substr(at));
    if (!written) return fail(std::move(written).error().during("key, owner"));
    owner = *std::move(written);
    rest = rest.substr(0, at);
  }
  auto name = KeyName::parse(rest);
  if (!name) return fail(std::move(name).error());
  return Key{cached, *scope, std::move(with), *std::move(name), std::move(owner)};
}

}  // namespace noports::at
