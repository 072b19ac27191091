// SPDX-License-Identifier: BSD-3-Clause
// What a registrar decides: who gets a one-time code, and the CRAM secret for it. Pure: HTTP, the
// store and the delivery of codes are the caller's (keys-and-enrollment.md 3.1).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

class RegistrarDesk {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Reply {
    int status;  // of HTTP
    std::string body;
  };
  struct World {
    // Of an atSign that waits for its activation; nothing for all others.
    std::function<Result<std::optional<crypto::Secret>>(const at::Atsign&)> secret_of;
    // Brings the code to the atSign's owner.
    std::function<Result<void>(const at::Atsign&, const crypto::Secret&)> deliver;
    std::function<crypto::Secret()> new_code;  // 4 capital letters and digits
  };

  explicit RegistrarDesk(World world) : world_(std::move(world)) {}

  // The answer to a POST of `body` to `path`; 404 for other paths, 400 for what is no JSON of the
  // kind. A code lives for 15 minutes and for 5 attempts; a new one is given once a minute and 5
  // times an hour, so that guessing the four characters takes centuries.
  Reply answer(std::string_view path, std::string_view body, Time now);

 private:
  struct Issued {
    std::optional<crypto::Secret> code;  // nothing: used, or guessed at too often
    Time at, first_of_hour;
    int in_this_hour = 0;
    int attempts = 0;
  };
  Reply send_code(const at::Atsign& atsign, Time now);
  Reply redeem(const at::Atsign& atsign, std::string_view code, Time now);

  World world_;
  std::map<std::string, Issued> issued_;  // by atSign; only atSigns that wait for activation
};

// Four characters that people can tell apart.
crypto::Secret new_registrar_code();

}  // namespace noports::atserver
