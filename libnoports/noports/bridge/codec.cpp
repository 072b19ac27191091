// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/codec.hpp"

#include "noports/crypto/aes.hpp"

namespace noports::bridge {
namespace {

// The bare key stream: no framing, no length, no authentication; sealing is opening.
class CtrCodec final : public Codec {
 public:
  explicit CtrCodec(crypto::CtrStream stream) : stream_(std::move(stream)) {}

  Step apply(Window window) noexcept override {
    stream_.apply(window.input());
    return Step{window.end - window.begin, window.input()};
  }

 private:
  crypto::CtrStream stream_;
};

Result<std::unique_ptr<Codec>> make_ctr(const CtrKey& key) {
  auto stream = crypto::CtrStream::make(key.key.bytes(), key.iv.bytes());
  if (!stream) return fail(std::move(stream).error().during("preparing the session's cipher"));
  return std::unique_ptr<Codec>(std::make_unique<CtrCodec>(*std::move(stream)));
}

}  // namespace

Result<CodecPair> make_codecs(const Protection& protection, End end) {
  if (protection.kind == Protection::Kind::none) return CodecPair{};
  const CtrKey& up = protection.client_to_device;
  const CtrKey& down =
      protection.kind == Protection::Kind::ctr_twin ? protection.device_to_client : up;
  auto seal = make_ctr(end == End::client ? up : down);
  if (!seal) return fail(std::move(seal).error());
  auto open = make_ctr(end == End::client ? down : up);
  if (!open) return fail(std::move(open).error());
  return CodecPair{*std::move(seal), *std::move(open)};
}

}  // namespace noports::bridge
