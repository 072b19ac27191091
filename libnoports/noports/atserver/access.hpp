// SPDX-License-Identifier: BSD-3-Clause
// What the enrolment of a connection may do with a key (atprotocol-wire.md 5.1), without the holes
// of the reference (11.1, 1-3). No enrolment: everything that clients may do at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/key.hpp"
#include "noports/atserver/enrolment.hpp"

namespace noports::atserver {

// Keys outside every namespace: those of conversations (shared_key) are read and written by all,
// public ones read by all, the owner's keys (publickey, privatekey:...) written by who manages
// enrolments; names below "<id>.a.__e" written by the enrolment of that id alone.
Enrolment::Right right_on(const Enrolment& grant, const at::Key& key);

bool may_write(const std::optional<Enrolment>& grant, const at::Key& key);
bool may_read(const std::optional<Enrolment>& grant, const at::Key& key);
// The same for a complete key as records and notifications have it. What is no key (a text
// message) is for those who have "*"; requests for enrolments for those who manage them.
bool may_read(const std::optional<Enrolment>& grant, std::string_view key);
bool may_write(const std::optional<Enrolment>& grant, std::string_view key);

// "Connection with enrollment ID <id> is not authorized to <what> key: <key>", of AT0009
std::string not_authorized(const std::string& id, std::string_view what, std::string_view key);

}  // namespace noports::atserver
