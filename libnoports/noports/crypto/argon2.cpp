// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/argon2.hpp"

#include <gcrypt.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace noports::crypto {
namespace {

// Once, before anything else of the library. What it calls secure memory is for its own secrets;
// it would lock pages that we do not use.
void start_gcrypt() {
  [[maybe_unused]] static const bool started = [] {
    if (gcry_check_version("1.10.0") == nullptr) throw std::runtime_error("libgcrypt is too old");
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return true;
  }();
}

struct Closer {
  void operator()(gcry_kdf_hd_t kdf) const noexcept { gcry_kdf_close(kdf); }
};
using Kdf = std::unique_ptr<std::remove_pointer_t<gcry_kdf_hd_t>, Closer>;

Unexpected failed(gcry_error_t error) {
  const bool memory = gcry_err_code(error) == GPG_ERR_ENOMEM;
  return fail(memory ? Errc::busy : Errc::io, std::string("Argon2id: ") + gcry_strerror(error));
}

Unexpected out_of_bounds(const std::string& why) {
  return fail(Errc::bad_syntax, "the costs of Argon2id are out of bounds: " + why);
}

}  // namespace

Result<void> check(const Argon2Cost& cost) {
  if (cost.lanes < 1 || cost.lanes > kMostArgon2Lanes) {
    return out_of_bounds("1 to " + std::to_string(kMostArgon2Lanes) + " lanes");
  }
  if (cost.memory < 8 * cost.lanes || cost.memory > kMostArgon2Memory) {
    return out_of_bounds("8 KiB for each lane to " + std::to_string(kMostArgon2Memory) +
                         " KiB of memory");
  }
  if (cost.passes < 1 || cost.passes > kMostArgon2Work / cost.memory) {
    return out_of_bounds("1 pass or more, " + std::to_string(kMostArgon2Work) +
                         " KiB in all passes together");
  }
  return {};
}

Result<Secret> argon2id(const Secret& password, std::string_view salt, const Argon2Cost& cost) {
  if (auto good = check(cost); !good) return fail(std::move(good).error());
  if (salt.empty()) return fail(Errc::bad_syntax, "Argon2id needs a salt");
  start_gcrypt();
  const std::array<unsigned long, 4> parameters{kArgon2KeySize, cost.passes, cost.memory,
                                                cost.lanes};
  gcry_kdf_hd_t opened = nullptr;
  auto error = gcry_kdf_open(&opened, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, parameters.data(),
                             parameters.size(), password.bytes().data(), password.size(),
                             salt.data(), salt.size(), nullptr, 0, nullptr, 0);
  if (error != 0) return failed(error);
  const Kdf kdf(opened);
  error = gcry_kdf_compute(kdf.get(), nullptr);  // without threads of its own
  if (error != 0) return failed(error);
  Secret key(kArgon2KeySize);
  error = gcry_kdf_final(kdf.get(), key.size(), key.writable().data());
  if (error != 0) return failed(error);
  return key;
}

}  // namespace noports::crypto
