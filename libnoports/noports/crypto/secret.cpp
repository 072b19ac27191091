// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace noports::crypto {

Secret::Secret(std::size_t size)
    : data_(size == 0 ? nullptr : std::make_unique<std::byte[]>(size)), size_(size) {}

Secret::Secret(std::string_view bytes) : Secret(std::as_bytes(std::span(bytes))) {}

Secret::Secret(std::span<const std::byte> bytes) : Secret(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), data_.get());
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  data_ = std::move(other.data_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::wipe() noexcept { crypto::wipe(writable()); }

void Secret::truncate(std::size_t size) noexcept {
  assert(size <= size_);
  crypto::wipe(writable().subspan(size));
  size_ = size;
}

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal(std::string_view a, std::string_view b) noexcept {
  return equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

void wipe(std::span<std::byte> bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // what the text was longer before is in the rest; never allocates
  wipe(std::as_writable_bytes(std::span(text)));
  text.clear();
}

}  // namespace noports::crypto
