// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/registrar_desk.hpp"

#include "noports/crypto/random.hpp"
#include "noports/keys/registrar_calls.hpp"

namespace noports::atserver {
namespace {

using namespace std::chrono_literals;

constexpr auto kLife = 15min;
constexpr auto kBetween = 1min;
constexpr int kMostAnHour = 5;
constexpr int kMostAttempts = 5;
// Without 0 and O, 1, I and L, S and 5, which people mistake for each other.
constexpr std::string_view kAlphabet = "2346789ABCDEFGHJKMNPQRTUVWXYZ";

RegistrarDesk::Reply reply(int status, std::string_view message) {
  return {status, keys::encode_registrar_message(message)};
}

RegistrarDesk::Reply wrong_code() {
  return reply(200, "The code you have entered is invalid or expired. Please try again?");
}

}  // namespace

crypto::Secret new_registrar_code() {
  std::string code;
  for (int i = 0; i < 4; ++i) {
    code += kAlphabet[crypto::random_below(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  crypto::Secret secret{std::string_view(code)};
  crypto::wipe(code);
  return secret;
}

RegistrarDesk::Reply RegistrarDesk::answer(std::string_view path, std::string_view body, Time now) {
  const bool asks = path == keys::kSendCodePath;
  if (!asks && path != keys::kActivatePath) return reply(404, "There is nothing here");
  const auto request = asks ? keys::decode_send_code(body) : keys::decode_activate(body);
  if (!request) return reply(400, request.error().what());
  if (asks) return send_code(request->atsign, now);
  return redeem(request->atsign, request->code.text(), now);
}

RegistrarDesk::Reply RegistrarDesk::send_code(const at::Atsign& atsign, Time now) {
  const auto secret = world_.secret_of(atsign);
  if (!secret) return reply(500, "The platform cannot be asked; try again later");
  if (!*secret) return reply(200, atsign.str() + " does not wait for activation here");
  auto [place, is_new] = issued_.try_emplace(atsign.str());
  auto& issued = place->second;
  if (is_new || now - issued.first_of_hour >= 1h) {
    issued.first_of_hour = now;
    issued.in_this_hour = 0;
  }
  const bool is_soon = issued.in_this_hour > 0 && now - issued.at < kBetween;
  if (is_soon || issued.in_this_hour >= kMostAnHour) {
    return reply(429, "Too many codes were asked for; try again later");
  }
  issued.at = now;
  ++issued.in_this_hour;
  issued.attempts = 0;
  issued.code = world_.new_code();
  if (const auto sent = world_.deliver(atsign, *issued.code); !sent) {
    issued.code.reset();
    return reply(500, "The code could not be sent; tell the operator of this platform");
  }
  return {200, keys::encode_code_sent()};
}

RegistrarDesk::Reply RegistrarDesk::redeem(const at::Atsign& atsign, std::string_view code,
                                           Time now) {
  const auto place = issued_.find(atsign.str());
  if (place == issued_.end()) return wrong_code();
  auto& issued = place->second;
  if (!issued.code || now - issued.at >= kLife) return wrong_code();
  const bool is_right = crypto::equal(issued.code->text(), code);
  if (!is_right) {
    if (++issued.attempts >= kMostAttempts) issued.code.reset();
    return wrong_code();
  }
  issued.code.reset();
  const auto secret = world_.secret_of(atsign);
  if (!secret) return reply(500, "The platform cannot be asked; try again later");
  // Not 200, which would mean a wrong code.
  if (!*secret) return reply(409, atsign.str() + " does not wait for activation here");
  return {200, std::string(keys::encode_activated(atsign, **secret).text())};
}

}  // namespace noports::atserver
