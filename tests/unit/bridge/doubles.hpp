// SPDX-License-Identifier: BSD-3-Clause
// Codecs as a later protocol may bring them: one that changes lengths, and a tap that listens.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "noports/bridge/codec.hpp"

namespace noports::test {

// Records of at most kBody bytes: 'R', length (2 bytes, big-endian), body xor 0x5a, a check byte.
// A record of length 0 is the authenticated end.
struct Records {
  static constexpr std::size_t kBody = 1000, kHead = 3, kTail = 1;
  static std::byte check(std::span<const std::byte> body) {
    auto sum = std::byte{0x17};
    for (const auto b : body) sum ^= b;
    return sum;
  }
};

class RecordSealer final : public bridge::Codec {
 public:
  bridge::Step apply(bridge::Window window) noexcept override { return seal(window); }
  bridge::Step finish(bridge::Window window) noexcept override { return seal(window); }
  std::size_t head() const noexcept override { return Records::kHead; }
  std::size_t tail() const noexcept override { return Records::kTail; }
  std::size_t most() const noexcept override { return Records::kBody; }

 private:
  static bridge::Step seal(bridge::Window window) noexcept {
    const auto body = window.input();
    for (auto& b : body) b ^= std::byte{0x5a};
    auto* out = window.room.data() + window.begin - Records::kHead;
    out[0] = std::byte{'R'};
    out[1] = static_cast<std::byte>(body.size() >> 8);
    out[2] = static_cast<std::byte>(body.size() & 0xff);
    window.room[window.end] = Records::check(body);
    bridge::Step step;
    step.consumed = body.size();
    step.produced = {out, Records::kHead + body.size() + Records::kTail};
    return step;
  }
};

class RecordOpener final : public bridge::Codec {
 public:
  bridge::Step apply(bridge::Window window) noexcept override {
    bridge::Step step;
    const auto in = window.input();
    if (in.size() < Records::kHead) return step;
    const auto size =
        std::to_integer<std::size_t>(in[1]) << 8 | std::to_integer<std::size_t>(in[2]);
    step.refused = in[0] != std::byte{'R'} || size > Records::kBody;
    if (step.refused || in.size() < Records::kHead + size + Records::kTail) return step;
    const auto body = in.subspan(Records::kHead, size);
    step.refused = in[Records::kHead + size] != Records::check(body);
    for (auto& b : body) b ^= std::byte{0x5a};
    step.consumed = Records::kHead + size + Records::kTail;
    step.produced = body;
    step.ended = ended_ = size == 0;
    return step;
  }
  bool at_end() const noexcept override { return ended_; }

 private:
  bool ended_ = false;
};

// Passes everything and notes it, as a hostile relay could.
class Tap final : public bridge::Codec {
 public:
  explicit Tap(std::shared_ptr<std::string> heard) : heard_(std::move(heard)) {}
  bridge::Step apply(bridge::Window window) noexcept override {
    const auto in = window.input();
    heard_->append(reinterpret_cast<const char*>(in.data()), in.size());
    bridge::Step step;
    step.consumed = in.size();
    step.produced = in;
    return step;
  }

 private:
  std::shared_ptr<std::string> heard_;
};

}  // namespace noports::test
