// SPDX-License-Identifier: BSD-3-Clause
// Bytes that are wiped when they die, cannot be printed and are not copied by accident.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace noports::crypto {

// Owns its bytes in memory of its own that is wiped on destruction and on being moved over.
// Movable; copied only by the explicit copy().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);  // zeros, to be filled through writable()
  explicit Secret(std::string_view bytes);
  explicit Secret(std::span<const std::byte> bytes);
  Secret(Secret&&) noexcept;
  Secret& operator=(Secret&&) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret copy() const { return Secret(bytes()); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
  std::span<std::byte> writable() noexcept { return {data_.get(), size_}; }
  // The same bytes as text, for keys whose base64 text is itself the message. A view: it dies
  // with the secret.
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_.get()), size_};
  }
  // Shortens to `size` bytes (no more than now); what is cut off is wiped.
  void truncate(std::size_t size) noexcept;

 private:
  void wipe() noexcept;

  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
};

// Constant in time for equal lengths.
bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;
bool equal(std::string_view a, std::string_view b) noexcept;

// Wipes a buffer that held something secret for a moment.
void wipe(std::span<std::byte> bytes) noexcept;
void wipe(std::string& text) noexcept;

}  // namespace noports::crypto
