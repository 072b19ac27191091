// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/signer.hpp"

#include <functional>
#include <utility>

#include "noports/net/offload.hpp"

namespace noports::atclient {
namespace {

class KeySigner : public Signer {
 public:
  explicit KeySigner(crypto::PrivateKey key) : key_(std::move(key)) {}

  asio::awaitable<Result<std::string>> sign(std::string message) override {
    std::function<Result<std::string>()> work = [key = key_, message = std::move(message)] {
      return key.sign(message);
    };
    return net::offload(std::move(work));
  }

 private:
  crypto::PrivateKey key_;
};

}  // namespace

std::shared_ptr<Signer> key_signer(crypto::PrivateKey key) {
  return std::make_shared<KeySigner>(std::move(key));
}

}  // namespace noports::atclient
