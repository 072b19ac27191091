// SPDX-License-Identifier: BSD-3-Clause
// Sharing an SSH public key: what is accepted, and the line that is added to authorized_keys
// (noports-wire.md 11.7).
#pragma once

#include <string>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports::proto {

// "<type> <base64>" of an allowed type whose base64 holds a key blob of that same type and nothing
// behind it; a comment is dropped. Types: ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256/384/521 and the
// two sk- types of OpenSSH; rsa-sha2-256/512 become ssh-rsa, the type of their blobs.
class SshPublicKey {
 public:
  // bad_syntax for everything else, above all for a second line, options and control characters
  // (security-findings.md S4, S5).
  static Result<SshPublicKey> parse(std::string_view line);
  // The public half in a private key's file of OpenSSH's own form, where it lies in the clear also
  // when the file is under a passphrase (OpenSSH PROTOCOL.key). bad_syntax for other forms, files
  // of several keys, and types that are not accepted.
  static Result<SshPublicKey> of_private_file(std::string_view text);
  const std::string& str() const noexcept { return text_; }  // "ssh-ed25519 AAAA..."

 private:
  explicit SshPublicKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// `current` with the key's line added when the key is not in it yet, otherwise unchanged.
// `permissions` is the prefix of --sshpublickey-permissions, may be empty, holds no line break.
// Lines added end with the comment " noports:@<from>". config: permissions that would break the
// line (line break, open quote, blank outside quotes); bad_syntax: a `from` that could be no
// atSign.
Result<std::string> add_to_authorized_keys(std::string_view current, const SshPublicKey& key,
                                           std::string_view permissions, std::string_view from);

}  // namespace noports::proto
