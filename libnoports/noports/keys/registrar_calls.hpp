// SPDX-License-Identifier: BSD-3-Clause
// The two calls to a registrar between the owner of an atSign and its activation secret
// (keys-and-enrollment.md 3.1): the first has a one-time code sent to the owner, the second gives
// the secret for the code. The client encodes what the server decodes. Values only: HTTP is the
// callers'.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::keys {

inline constexpr std::string_view kSendCodePath = "/api/app/v3/authenticate/atsign";
inline constexpr std::string_view kActivatePath = "/api/app/v3/authenticate/atsign/activate";
inline constexpr std::size_t kLongestRegistrarRequest = 4096;  // bytes of a body
inline constexpr std::size_t kLongestRegistrarAnswer = 16'384;

// A body of either call.
struct RegistrarRequest {
  at::Atsign atsign;
  crypto::Secret code;  // empty in the first call
};

crypto::Secret encode(const RegistrarRequest& request);
// The code comes in capital letters, as it was made. bad_syntax with the sentence for the asker.
Result<RegistrarRequest> decode_send_code(std::string_view body);
Result<RegistrarRequest> decode_activate(std::string_view body);

// A body of any answer, and those of the two that bring something. The secret is one word.
std::string encode_registrar_message(std::string_view message);
std::string encode_code_sent();
crypto::Secret encode_activated(const at::Atsign& atsign, const crypto::Secret& secret);

// Whether the code is on its way, by HTTP status and body. refused with the registrar's reason;
// busy when it has sent too many of late, so that an earlier one may still be good; io when it
// fails itself; bad_syntax for what is no answer.
Result<void> decode_code_sent(int status, std::string_view body);
// The secret of `self`. rejected when the code is not (or no longer) the right one; the others as
// above, and bad_syntax for the secret of another atSign.
Result<crypto::Secret> decode_activated(int status, std::string_view body, const at::Atsign& self);

// The code in what a person has typed: four characters, a letter or digit first, in capital
// letters. config for anything else, which need not be sent at all.
Result<crypto::Secret> parse_registrar_code(std::string_view typed);

}  // namespace noports::keys
