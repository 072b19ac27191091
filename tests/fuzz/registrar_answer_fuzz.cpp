// SPDX-License-Identifier: BSD-3-Clause
// Whatever a registrar answers is read or refused: a secret is one word, for the atSign that asked.
// The first byte is the status.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/activate/registrar_client.hpp"
#include "noports/keys/registrar_calls.hpp"

using namespace noports;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const auto self = *at::Atsign::parse("@alice");
  const int status = 199 + data[0];
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  if (const auto sent = keys::decode_code_sent(status, body); sent && status != 200) std::abort();
  if (const auto secret = keys::decode_activated(status, body, self)) {
    const auto text = secret->text();
    const bool is_word = !text.empty() && std::all_of(text.begin(), text.end(),
                                                      [](char c) { return c > ' ' && c < 0x7f; });
    if (status != 200 || !is_word) std::abort();
    const auto again = keys::encode_activated(self, *secret);
    const auto same = keys::decode_activated(200, again.text(), self);
    if (!same || same->text() != text) std::abort();
  }
  if (const auto code = keys::parse_registrar_code(body); code && code->size() != 4) std::abort();
  if (const auto address = activate::RegistrarAddress::parse(body)) {
    const auto again = activate::RegistrarAddress::parse(address->str());
    if (!again || *again != *address) std::abort();
  }
  return 0;
}
