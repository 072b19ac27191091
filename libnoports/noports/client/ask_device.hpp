// SPDX-License-Identifier: BSD-3-Clause
// What a client asks a device: who it is and what it can do; a session; what its user is called.
#pragma once

#include <asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/client/caller.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/ping.hpp"
#include "noports/proto/session.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::client {

// Ping and heartbeat (noports-newer.md 3). timed_out, hop device, names the three reasons for
// silence: off, another name, we are not authorised.
asio::awaitable<Result<proto::PingAnswer>> ask_features(atclient::Mailbox& mail, Device device,
                                                        net::Deadline deadline);

// The session request and the device's yes, verified with the device's public key (fetched anew
// once when it does not fit). Errors, hop device: refused with the device's words; bad_signature;
// bad_syntax, also for an answer to another session; timed_out as above.
asio::awaitable<Result<proto::Grant>> ask_session(Caller me, Device device,
                                                  proto::SessionRequest request,
                                                  net::Deadline deadline);

// Our SSH public key for the device's authorized_keys; it does not answer (noports-wire.md 11.7).
asio::awaitable<Result<void>> send_ssh_key(atclient::Mailbox& mail, Device device,
                                           proto::SshPublicKey key, net::Deadline deadline);

// The name of the device's user out of the record that it shares with its managers; checked as
// check_user_name() does. not_found, hop device, when there is none.
asio::awaitable<Result<std::string>> ask_user_name(atclient::Mailbox& mail, Device device,
                                                   net::Deadline deadline);

// Fit to stand in ssh's argv and in a shell's line: 1 to 64 of [A-Za-z0-9_.@+-], the first a
// letter, digit or '_'. config otherwise.
Result<std::string> check_user_name(std::string_view text);

}  // namespace noports::client
