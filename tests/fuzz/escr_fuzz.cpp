// SPDX-License-Identifier: BSD-3-Clause
// A line to the relay is opened or refused, whatever it is; so is a record of signing keys, and no
// key of it is chosen that it does not hold.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/proto/escr.hpp"

using namespace noports;

namespace {

const std::string kSession = "0f8fad5b-d9cb-469f-a165-70867728950e";
const std::string kChallenge = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=";

void check_line(std::string_view line) {
  static const crypto::Secret key(std::string(crypto::kAesKeySize, 'k'));
  const auto session = *proto::SessionId::parse(kSession);
  const auto named = proto::escr_session(line);
  const auto proof = proto::open_escr_line(line, session, kChallenge, key.bytes());
  if (!proof) return;
  if (!named || *named != session) std::abort();
  const auto same = proto::SigningKeyUri::parse(proof->record.str());
  if (!same || *same != proof->record) std::abort();
}

// What is under the session's key, which no fuzzer would find.
std::string sealed(std::string_view inner) {
  const std::string key(crypto::kAesKeySize, 'k');
  const auto bytes =
      crypto::encrypt_value(std::as_bytes(std::span(key)), crypto::kZeroIv, crypto::base64(inner));
  return kSession + ":" +
         crypto::base64(R"({"iv":")" + crypto::base64(crypto::kZeroIv) + R"(","e":")" +
                        crypto::base64(*bytes) + "\"}");
}

void check_record(std::string_view text) {
  const auto keys = proto::decode_signing_keys(text);
  if (!keys) return;
  if (keys->empty()) std::abort();
  const auto chosen = proto::choose_signing_key(*keys, keys->front().algorithm, keys->front().id);
  if (chosen && chosen->text().empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_line(text);
  check_line(sealed(text));
  check_record(text);
  return 0;
}
