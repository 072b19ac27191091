// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/run.hpp"
#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

bool json_errors = false;

// The exit status of a failure on the way to `hop`, for the codes that do not decide it alone.
int status_of(Hop hop, Errc code) noexcept {
  switch (hop) {
    case Hop::local: {
      const bool is_resource = code == Errc::busy || code == Errc::io;
      return is_resource ? 9 : code == Errc::bad_syntax ? 2 : 1;
    }
    case Hop::directory:
    case Hop::atserver:
      return 4;
    case Hop::relay:
      return 8;
    case Hop::device: {
      const bool is_silent = code == Errc::timed_out || code == Errc::disconnected;
      return is_silent ? 7 : 1;
    }
    case Hop::policy:
    case Hop::target:
      break;
  }
  return 1;
}

std::string as_json(const Error& error) {
  nlohmann::ordered_json out;
  out["code"] = name(error.code());
  out["hop"] = name(error.hop());
  out["error"] = error.what();
  out["hint"] = error.hint();
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

int exit_code(const Error& error) noexcept {
  switch (error.code()) {
    case Errc::config:
      return 2;
    case Errc::not_set_up:
      return 3;
    case Errc::revoked:
      return 5;
    case Errc::refused:
      return 6;
    case Errc::cancelled:
      return 130;
    case Errc::rejected:
    case Errc::bad_signature: {
      // On these two hops it is the other side that could not prove who it is.
      const bool is_theirs = error.hop() == Hop::relay || error.hop() == Hop::directory;
      return is_theirs ? status_of(error.hop(), error.code()) : 5;
    }
    default:
      return status_of(error.hop(), error.code());
  }
}

bool wants_json() noexcept { return json_errors; }

void set_json_errors(bool on) { json_errors = on; }

int report(const std::string& program, const Error& error) {
  if (json_errors) {
    std::cerr << as_json(error) << std::endl;
    return exit_code(error);
  }
  std::string line = program + ": " + printable(error.what(), 4000);
  if (!error.hint().empty()) line += "; " + printable(error.hint(), 4000);
  std::cerr << line + "\n" << std::flush;
  return exit_code(error);
}

}  // namespace noports::apps
