// SPDX-License-Identifier: BSD-3-Clause
// How the messages of this module become JSON and how JSON becomes their members. Internal to
// proto. Stricter than JSON: size, depth and number of members are bounded and no object may name a
// member twice, because what two readers understand differently must not be signed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::proto::json {

inline constexpr std::size_t kSizeLimit = 64 * 1024;  // bytes of one text
inline constexpr std::size_t kDepthLimit = 16;        // objects and arrays inside each other
inline constexpr std::size_t kMemberLimit = 1024;     // names in one text; keeps look-ups cheap
inline constexpr std::size_t kTextLimit = 1024;  // bytes of one string, where not said otherwise

// Emits one compact object, members in the order of the calls. Strings are escaped as the
// reference does it: '/' and everything beyond ASCII stay raw (noports-wire.md 6).
class Writer {
 public:
  Writer& text(std::string_view name, std::string_view value);
  Writer& text_or_null(std::string_view name, const std::optional<std::string>& value);
  Writer& flag(std::string_view name, bool value);
  Writer& number(std::string_view name, std::int64_t value);
  Writer& texts(std::string_view name, const std::vector<std::string>& values);
  Writer& null(std::string_view name);
  Writer& raw(std::string_view name, std::string_view json);  // `json` is compact JSON already
  std::string finish();                                       // the text; the writer is used up

 private:
  std::string text_ = "{";
};

// One object whose members are read one after the other. The first member that is missing, of the
// wrong type or out of range is kept as problem(), by name; every later read still returns some
// value, so that a decoder is a list of reads with one question at its end. No string with a
// control character is ever returned.
class Object {
 public:
  // The whole text is one object; blanks and line ends around it are tolerated. `what` begins the
  // sentences ("npt request: ..."). Keeps a view of `text`, which must outlive the object.
  static Result<Object> parse(std::string_view text, std::string_view what);
  Object(Object&&) noexcept;
  ~Object();

  bool has(std::string_view name) const;  // present and not null

  std::string text(std::string_view name, std::size_t limit = kTextLimit);
  std::string text_or(std::string_view name, std::string_view fallback);
  std::optional<std::string> maybe_text(std::string_view name, std::size_t limit = kTextLimit);
  bool flag(std::string_view name);
  bool flag_or(std::string_view name, bool fallback);
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most);
  std::uint16_t port(std::string_view name);  // 1 ... 65535
  std::string host(std::string_view name);    // see address.hpp
  // Strings of an array of at most `most`; empty when absent.
  std::vector<std::string> texts(std::string_view name, std::size_t most);
  // True only if member `outer` is an object whose member `inner` is true. Never a problem.
  bool is_true(std::string_view outer, std::string_view inner) const;

  // The bytes of the text where the object-valued member `name` stands.
  std::string_view slice(std::string_view name);
  // The same object again, compact, members in order.
  std::string canonical() const;

  // For checks of the decoder's own, e.g. complain("sessionId", "must be a UUID").
  void complain(std::string_view name, std::string_view must);
  const std::optional<Error>& problem() const noexcept { return problem_; }

 private:
  struct Document;
  Object(std::unique_ptr<Document> document, std::string_view text, std::string_view what);

  std::unique_ptr<Document> document_;
  std::string_view text_;
  std::string what_;
  std::optional<Error> problem_;
};

}  // namespace noports::proto::json
