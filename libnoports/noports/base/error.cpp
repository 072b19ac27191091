// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/error.hpp"

#include <utility>

namespace noports {

std::string_view name(Errc code) noexcept {
  switch (code) {
    case Errc::bad_syntax:
      return "bad_syntax";
    case Errc::bad_signature:
      return "bad_signature";
    case Errc::rejected:
      return "rejected";
    case Errc::revoked:
      return "revoked";
    case Errc::refused:
      return "refused";
    case Errc::not_found:
      return "not_found";
    case Errc::not_set_up:
      return "not_set_up";
    case Errc::timed_out:
      return "timed_out";
    case Errc::disconnected:
      return "disconnected";
    case Errc::busy:
      return "busy";
    case Errc::cancelled:
      return "cancelled";
    case Errc::config:
      return "config";
    case Errc::io:
      return "io";
  }
  return "unknown";
}

std::string_view name(Hop hop) noexcept {
  switch (hop) {
    case Hop::local:
      return "local";
    case Hop::directory:
      return "directory";
    case Hop::atserver:
      return "atserver";
    case Hop::relay:
      return "relay";
    case Hop::device:
      return "device";
    case Hop::policy:
      return "policy";
    case Hop::target:
      return "target";
  }
  return "unknown";
}

Error Error::during(std::string_view doing) && {
  what_.insert(0, ": ").insert(0, doing);
  return std::move(*this);
}

Error Error::at(Hop hop) && {
  hop_ = hop;
  return std::move(*this);
}

Error Error::hint(std::string_view advice) && {
  if (hint_.empty()) hint_ = advice;
  return std::move(*this);
}

}  // namespace noports
