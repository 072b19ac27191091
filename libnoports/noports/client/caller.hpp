// SPDX-License-Identifier: BSD-3-Clause
// Who asks, and whom: what every conversation of a client needs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "noports/at/atsign.hpp"
#include "noports/atclient/mailbox.hpp"
#include "noports/atclient/signer.hpp"
#include "noports/keys/keys.hpp"
#include "noports/proto/device.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::client {

// The mailbox outlives every conversation.
struct Caller {
  Caller(atclient::Mailbox& mail_, std::shared_ptr<atclient::Signer> signer_)
      : mail(mail_), signer(std::move(signer_)) {}
  // With the keys of the mailbox's own atSign.
  Caller(atclient::Mailbox& mail_, const keys::Keys& keys)
      : Caller(mail_, atclient::key_signer(keys.encryption)) {
    if (auto key = signing::own_key(mail.self(), keys)) enrolment = *std::move(key);
  }
  atclient::Mailbox& mail;
  std::shared_ptr<atclient::Signer> signer;  // the atSign's encryption key
  std::optional<signing::OwnKey> enrolment;  // for ESCR; none: payload mode alone
};

// One device of one atSign.
struct Device {
  Device(at::Atsign atsign_, proto::DeviceName name_)
      : atsign(std::move(atsign_)), name(std::move(name_)) {}
  at::Atsign atsign;
  proto::DeviceName name;
};

// Progress for the user, e.g. "Sending session request to the device daemon".
using Say = std::function<void(std::string_view)>;

}  // namespace noports::client
