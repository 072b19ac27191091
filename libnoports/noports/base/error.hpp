// SPDX-License-Identifier: BSD-3-Clause
// What went wrong, where on the way it happened, and what the user can do about it.
// Not for bugs: those are assertions or exceptions.
#pragma once

#include <string>
#include <string_view>

namespace noports {

// A word is here because some caller branches on it; everything else is in the sentence.
enum class Errc {
  bad_syntax,     // bytes or arguments that do not parse
  bad_signature,  // parsed, but not signed by whom it should be
  rejected,       // we could not prove who we are
  revoked,        // we could once: our enrolment was denied, revoked, or has expired since
  refused,        // the peer understood and said no
  not_found,
  not_set_up,  // no keys, or an atSign that is not activated
  timed_out,
  disconnected,
  busy,       // a local resource is taken or forbidden
  cancelled,  // we asked for the stop ourselves
  config,     // the operator must change something
  io,
};

// Where on the way between the user and the service it happened.
enum class Hop { local, directory, atserver, relay, device, policy, target };

std::string_view name(Errc code) noexcept;  // "timed_out"
std::string_view name(Hop hop) noexcept;    // "relay"

// One failure. Value type; `what` never holds a secret nor unescaped text of a peer (see
// base/text.hpp, printable).
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string what) : code_(code), what_(std::move(what)) {}
  Error(Errc code, Hop hop, std::string what) : code_(code), hop_(hop), what_(std::move(what)) {}

  Errc code() const noexcept { return code_; }
  Hop hop() const noexcept { return hop_; }
  const std::string& what() const noexcept { return what_; }
  const std::string& hint() const noexcept { return hint_; }

  // "asking @relay for ports: deadline passed"
  Error during(std::string_view doing) &&;
  Error at(Hop hop) &&;
  // What the user can do, as an imperative without full stop. The innermost hint wins.
  Error hint(std::string_view advice) &&;

 private:
  Errc code_;
  Hop hop_ = Hop::local;
  std::string what_;
  std::string hint_;
};

}  // namespace noports
