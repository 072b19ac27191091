// SPDX-License-Identifier: BSD-3-Clause
// A value or the Error that took its place: the part of std::expected that we use, for a library
// that does not have it yet.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "noports/base/error.hpp"

namespace noports {

class [[nodiscard]] Unexpected {
 public:
  explicit Unexpected(Error error) : error_(std::move(error)) {}
  Error&& take() && noexcept { return std::move(error_); }

 private:
  Error error_;
};

// return fail(Errc::refused, "device does not permit localhost:22");
inline Unexpected fail(Errc code, std::string what) {
  return Unexpected(Error(code, std::move(what)));
}
inline Unexpected fail(Errc code, Hop hop, std::string what) {
  return Unexpected(Error(code, hop, std::move(what)));
}
inline Unexpected fail(Error error) { return Unexpected(std::move(error)); }

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Unexpected error) : state_(std::in_place_index<1>, std::move(error).take()) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *checked(); }
  const T& value() const& noexcept { return *checked(); }
  T&& value() && noexcept { return std::move(*checked()); }
  T& operator*() & noexcept { return *checked(); }
  const T& operator*() const& noexcept { return *checked(); }
  T&& operator*() && noexcept { return std::move(*checked()); }
  T* operator->() noexcept { return checked(); }
  const T* operator->() const noexcept { return checked(); }

  Error& error() & noexcept { return *wrong(); }
  const Error& error() const& noexcept { return *wrong(); }
  Error&& error() && noexcept { return std::move(*wrong()); }

 private:
  T* checked() noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  const T* checked() const noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  Error* wrong() noexcept {
    assert(!has_value());
    return std::get_if<1>(&state_);
  }
  const Error* wrong() const noexcept {
    assert(!has_value());
    return std::get_if<1>(&state_);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Unexpected error) : error_(std::move(error).take()) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  Error& error() & noexcept { return *error_; }
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace noports
