// SPDX-License-Identifier: BSD-3-Clause
// What the bytes of one direction pass on their way: sealing towards the relay, opening from it.
// Works in place on a pooled chunk. The pumps know this interface and nothing of keys; forms that
// change lengths (records with tags) fit it as well as stream ciphers (decisions.md, "Codec").
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "noports/base/result.hpp"
#include "noports/bridge/protection.hpp"

namespace noports::bridge {

// A chunk with the input inside it: room[begin, end). What is before and behind the input is free
// for the codec to use: at least head() bytes before, at least tail() bytes behind.
struct Window {
  std::span<std::byte> room;
  std::size_t begin = 0, end = 0;
  std::span<std::byte> input() const noexcept { return room.subspan(begin, end - begin); }
};

// What one call of apply() or finish() did.
struct Step {
  std::size_t consumed = 0;       // bytes taken from the front of the input; 0: needs more of it
  std::span<std::byte> produced;  // in the window's room, clear of the input that is left
  bool refused = false;           // the input is not genuine: nothing after this is passed on, ever
  bool ended = false;  // the stream's own end was in what was consumed: nothing follows it
};

// One direction of one connection; seals or opens, as its factory decided. Not for two threads.
class Codec {
 public:
  virtual ~Codec() = default;
  // Transforms from the front of the input. What it leaves is offered again, with more behind it.
  virtual Step apply(Window window) noexcept = 0;
  // Sealing only: the source has ended; the bytes that tell the other end so (none by default).
  // The window's input is empty.
  virtual Step finish(Window) noexcept { return {}; }
  // Opening only: whether the stream may end where it is. False: it was cut off.
  virtual bool at_end() const noexcept { return true; }

  // Room that apply() and finish() need around the input, in bytes, and how much input one call
  // takes at most; a sealing codec takes all of an input of that size.
  virtual std::size_t head() const noexcept { return 0; }
  virtual std::size_t tail() const noexcept { return 0; }
  virtual std::size_t most() const noexcept { return ~std::size_t{0}; }
};

// The two codecs of one connection; an empty pointer passes the bytes as they are.
struct CodecPair {
  std::unique_ptr<Codec> seal;  // from us to the relay
  std::unique_ptr<Codec> open;  // from the relay to us
};

// Fresh codecs at position 0 of their key streams (noports-wire.md 10.2, noports-newer.md 5.1).
// With Kind::ctr both directions use client_to_device. config when a key has the wrong size.
Result<CodecPair> make_codecs(const Protection& protection, End end);

}  // namespace noports::bridge
