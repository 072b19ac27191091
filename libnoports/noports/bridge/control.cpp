// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/control.hpp"

#include <cstring>

#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"

namespace noports::bridge {
namespace {

constexpr std::string_view kConnect = "connect:";
constexpr std::string_view kPlain = "connect:no:encrypt";
constexpr std::size_t kKeyText = 44, kIvText = 24;  // base64 of 32 and 16 bytes
// A message of an old client: no LF.
constexpr std::size_t kUnended = kConnect.size() + kKeyText + 1 + kIvText;

using Kind = Protection::Kind;

// Collects the pieces of a line in memory that is wiped.
class SecretText {
 public:
  explicit SecretText(std::size_t capacity) : bytes_(capacity) {}
  SecretText& operator<<(std::string_view piece) {
    std::memcpy(bytes_.writable().data() + size_, piece.data(), piece.size());
    size_ += piece.size();
    return *this;
  }
  SecretText& operator<<(const CtrKey& key) {
    return *this << crypto::base64_secret(key.key.bytes()).text() << ":"
                 << crypto::base64_secret(key.iv.bytes()).text();
  }
  crypto::Secret take() {
    bytes_.truncate(size_);
    return std::move(bytes_);
  }

 private:
  crypto::Secret bytes_;
  std::size_t size_ = 0;
};

std::optional<CtrKey> decode_key(std::string_view key, std::string_view iv) {
  if (key.size() != kKeyText || iv.size() != kIvText) return std::nullopt;
  auto key_bytes = crypto::base64_decode_secret(key);
  auto iv_bytes = crypto::base64_decode_secret(iv);
  if (!key_bytes || key_bytes->size() != crypto::kAesKeySize) return std::nullopt;
  if (!iv_bytes || iv_bytes->size() != crypto::kAesIvSize) return std::nullopt;
  return CtrKey{*std::move(key_bytes), *std::move(iv_bytes)};
}

ControlMessage decode_connect(std::string_view line) {
  Connect connect;
  if (line == kPlain) return connect;
  const auto fields = split(line, ':');
  if (fields.size() != 3 && fields.size() != 5) return BadConnect{};
  auto up = decode_key(fields[1], fields[2]);
  if (!up) return BadConnect{};
  connect.protection.kind = Kind::ctr;
  connect.protection.client_to_device = *std::move(up);
  if (fields.size() == 3) return connect;
  auto down = decode_key(fields[3], fields[4]);
  if (!down) return BadConnect{};
  connect.protection.kind = Kind::ctr_twin;
  connect.protection.device_to_client = *std::move(down);
  return connect;
}

ControlMessage decode(std::string_view line) {
  if (line.starts_with(kConnect)) return decode_connect(line);
  auto rest = line;
  if (take(rest, "heartbeat:")) {
    if (const auto number = parse_number(rest)) return Heartbeat{*number};
  }
  return UnknownLine{printable(line.substr(0, line.find(':')), 32)};
}

bool is_unended_connect(std::string_view text) {
  return text.size() >= kUnended && text.starts_with(kConnect) &&
         std::holds_alternative<Connect>(decode_connect(text.substr(0, kUnended)));
}

}  // namespace

crypto::Secret encode(const Connect& connect) {
  const auto& protection = connect.protection;
  SecretText line(2 * kUnended);
  if (protection.kind == Kind::none) return (line << kPlain << "\n").take();
  line << kConnect << protection.client_to_device;
  if (protection.kind == Kind::ctr_twin) line << ":" << protection.device_to_client;
  return (line << "\n").take();
}

std::string encode(const Heartbeat& heartbeat) {
  return "heartbeat:" + std::to_string(heartbeat.number) + "\n";
}

Protection fresh_protection(Kind kind) {
  const auto fresh_key = [] {
    return CtrKey{crypto::random_secret(crypto::kAesKeySize),
                  crypto::random_secret(crypto::kAesIvSize)};
  };
  Protection fresh;
  fresh.kind = kind;
  if (kind != Kind::none) fresh.client_to_device = fresh_key();
  if (kind == Kind::ctr_twin) fresh.device_to_client = fresh_key();
  return fresh;
}

ControlReader::~ControlReader() { crypto::wipe(held_); }

Result<void> ControlReader::feed(std::span<const std::byte> bytes) {
  if (held_.size() + bytes.size() > kLimit) {
    return fail(Errc::bad_syntax, "control line longer than " + std::to_string(kLimit) + " bytes");
  }
  held_.reserve(kLimit);  // never moved, so that no copy of a key stays behind unwiped
  held_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

std::optional<ControlMessage> ControlReader::next() {
  const std::string_view held(held_);
  // "connect:<key>:<iv>connect:": the first of two messages without LF. A line of either form would
  // go on with ':' or with its end.
  if (takes_unended_ && is_unended_connect(held) && held.size() > kUnended &&
      held[kUnended] == kConnect.front()) {
    return take(kUnended, kUnended);
  }
  const auto end = held.find('\n');
  if (end == held.npos) return std::nullopt;
  takes_unended_ = false;
  const auto length = end > 0 && held[end - 1] == '\r' ? end - 1 : end;
  return take(length, end + 1);
}

bool ControlReader::may_be_unended() const noexcept {
  return takes_unended_ && held_.size() == kUnended && is_unended_connect(held_);
}

std::optional<ControlMessage> ControlReader::take_unended() {
  if (!may_be_unended()) return std::nullopt;
  return take(kUnended, kUnended);
}

ControlMessage ControlReader::take(std::size_t length, std::size_t line_end) {
  auto message = decode(std::string_view(held_).substr(0, length));
  const auto rest = held_.size() - line_end;
  std::memmove(held_.data(), held_.data() + line_end, rest);
  crypto::wipe(std::as_writable_bytes(std::span(held_).subspan(rest)));
  held_.resize(rest);
  return message;
}

}  // namespace noports::bridge
