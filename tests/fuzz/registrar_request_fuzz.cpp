// SPDX-License-Identifier: BSD-3-Clause
// Whatever is posted to a registrar, it answers with a status and a JSON object, and it gives the
// secret for the code alone. The input is lines: a body for each call, by its first byte.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "noports/atserver/registrar_desk.hpp"
#include "noports/base/text.hpp"
#include "noports/keys/registrar_calls.hpp"

using namespace noports;

namespace {

constexpr std::string_view kCode = "A1B2", kSecret = "s3cret";

void check_request(std::string_view body) {
  const auto request = keys::decode_activate(body);
  if (!request) return;
  const auto again = keys::decode_activate(encode(*request).text());
  // Bytes that are no UTF-8 are replaced on their way out.
  if (is_utf8(request->code.text()) && (!again || again->atsign != request->atsign ||
                                        !crypto::equal(again->code.text(), request->code.text()))) {
    std::abort();
  }
  if (!keys::decode_send_code(body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using Answer = Result<std::optional<crypto::Secret>>;
  atserver::RegistrarDesk desk(
      {[](const at::Atsign& who) -> Answer {
         std::optional<crypto::Secret> secret;
         if (who.str() == "@alice") secret.emplace(kSecret);
         return secret;
       },
       [](const at::Atsign&, const crypto::Secret&) -> Result<void> { return {}; },
       [] { return crypto::Secret(kCode); }});
  atserver::RegistrarDesk::Time now{};
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto body = line.substr(1);
    check_request(body);
    now += std::chrono::seconds(line.front());
    const auto path = line.front() % 2 == 0 ? keys::kSendCodePath : keys::kActivatePath;
    const auto reply = desk.answer(path, body, now);
    const auto json = nlohmann::json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
    if (reply.status < 200 || !json.is_object() || !json.contains("message")) std::abort();
    if (!json.contains("cramkey")) continue;
    const auto request = keys::decode_activate(body);
    if (!request || request->code.text() != kCode || request->atsign.str() != "@alice") {
      std::abort();
    }
  }
  return 0;
}
