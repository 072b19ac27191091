// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/signer.hpp"

#include <utility>

#include "noports/proto/envelope.hpp"

namespace noports::client {
namespace {

class KeySigner : public Signer {
 public:
  explicit KeySigner(crypto::PrivateKey key) : key_(std::move(key)) {}

  asio::awaitable<Result<std::string>> envelope(std::string payload) override {
    co_return proto::seal_envelope(payload, key_);
  }
  asio::awaitable<Result<std::string>> relay_line(proto::RelayCredentials credentials) override {
    co_return proto::relay_auth_line(credentials, key_);
  }

 private:
  crypto::PrivateKey key_;
};

}  // namespace

std::shared_ptr<Signer> key_signer(crypto::PrivateKey key) {
  return std::make_shared<KeySigner>(std::move(key));
}

}  // namespace noports::client
