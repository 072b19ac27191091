// SPDX-License-Identifier: BSD-3-Clause
// The HTTPS calls to a registrar (keys-and-enrollment.md 3.1). The proxies of the environment
// (https_proxy, no_proxy and their kin) are used; the registrar's certificate is always verified.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tls.hpp"

namespace noports::activate {

struct RegistrarAddress {
  std::string host = "my.atsign.com";
  std::uint16_t port = 443;

  // "host", "host:port", "[::1]:port", with or without "https://" in front and '/' behind. config
  // for anything else; no other scheme is taken.
  static Result<RegistrarAddress> parse(std::string_view text);
  std::string str() const;  // "host", with ":port" when it is not 443
  bool operator==(const RegistrarAddress&) const = default;
};

struct Registrar {
  RegistrarAddress address;
  net::TlsContext tls;  // whom to trust
  // A constant of the published clients, which registrars expect; nobody's secret.
  std::string api_key = "477b-876u-bcez-c42z-6a3d";
};

// Has a one-time code sent to the owner of `self`. The errors of keys::decode_code_sent, and at the
// hop `directory`: timed_out, disconnected when it cannot be reached, rejected when its certificate
// does not verify.
asio::awaitable<Result<void>> send_code(Registrar registrar, at::Atsign self,
                                        net::Deadline deadline);

// The activation secret of `self` for its code. The errors of keys::decode_activated, and as above.
asio::awaitable<Result<crypto::Secret>> redeem_code(Registrar registrar, at::Atsign self,
                                                    crypto::Secret code, net::Deadline deadline);

}  // namespace noports::activate
