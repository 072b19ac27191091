// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/registrar_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/base/json_depth.hpp"
#include "noports/crypto/random.hpp"

namespace noports::atserver {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kLife = 15min;
constexpr auto kBetween = 1min;
constexpr int kMostAnHour = 5;
constexpr int kMostAttempts = 5;
constexpr std::size_t kLongestBody = 4096;  // bytes; an atSign and four characters
// Without 0 and O, 1, I and L, S and 5, which people mistake for each other.
constexpr std::string_view kAlphabet = "2346789ABCDEFGHJKMNPQRTUVWXYZ";

RegistrarDesk::Reply reply(int status, const std::string& message) {
  return {status, json{{"message", message}}.dump()};
}

RegistrarDesk::Reply wrong_code() {
  return reply(200, "The code you have entered is invalid or expired. Please try again?");
}

std::optional<std::string> member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
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
  if (path != kAsk && path != kActivate) return reply(404, "There is nothing here");
  json request;
  if (body.size() <= kLongestBody && is_shallow_json(body))
    request = json::parse(body, nullptr, false);
  if (!request.is_object()) return reply(400, "Want a JSON object");
  const auto name = member(request, "atsign");
  const auto atsign = at::Atsign::parse(name.value_or(""));
  if (!atsign) return reply(400, "Want an atsign");
  if (path == kAsk) return send_code(*atsign, now);
  const auto code = member(request, "otp");
  if (!code) return reply(400, "Want an otp");
  return redeem(*atsign, upper(*code), now);
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
  return reply(200, "Sent Successfully");
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
  if (!*secret) return reply(200, atsign.str() + " does not wait for activation here");
  const std::string cram = atsign.str() + ":" + std::string((*secret)->text());
  return {200, json{{"message", "Verified"}, {"cramkey", cram}}.dump()};
}

}  // namespace noports::atserver
