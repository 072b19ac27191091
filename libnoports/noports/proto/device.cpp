// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/device.hpp"

#include <stdexcept>

#include "noports/base/text.hpp"

namespace noports::proto {
namespace {

constexpr std::size_t kLongestName = 36;  // characters: a UUID fits (noports-wire.md 2.2)
constexpr std::string_view kNameChars = "abcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::string_view kRelayRequestTail = ".request_ports.sshrvd";
constexpr std::string_view kRelayHintTail = ".auth_modes.sshrvd";

// Lower case, and each run of blanks is one '_'.
std::string snake(std::string_view text) {
  std::string name;
  bool in_blanks = false;
  for (const char c : lower(text)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) name += c;
    if (blank && !in_blanks) name += '_';
    in_blanks = blank;
  }
  return name;
}

// The pieces are our own types and words: a name that cannot be is a bug.
at::KeyName must_parse(const std::string& text) {
  auto name = at::KeyName::parse(text);
  if (!name) throw std::invalid_argument("no key name: " + printable(text));
  return *std::move(name);
}

bool is_one_piece(std::string_view text) noexcept {
  return !text.empty() && text.find('.') == text.npos;
}

bool take_back(std::string_view& rest, std::string_view tail) noexcept {
  if (!rest.ends_with(tail)) return false;
  rest.remove_suffix(tail.size());
  return true;
}

}  // namespace

Result<DeviceName> DeviceName::parse(std::string_view text) {
  auto name = snake(text);
  const bool well_formed = !name.empty() && name.size() <= kLongestName && name.front() != '-' &&
                           name.find_first_not_of(kNameChars) == name.npos;
  if (!well_formed) {
    return fail(Error(Errc::bad_syntax,
                      "Device name must be alphanumeric snake case, max length 36. First char must "
                      "be _, a-z, or 0-9.")
                    .hint("choose a name like my_device"));
  }
  if (name == "sshnp") {
    return fail(Error(Errc::bad_syntax,
                      "a device cannot be named sshnp: older clients never "
                      "reach a device of that name")
                    .hint("choose another device name"));
  }
  return DeviceName(std::move(name));
}

at::KeyName device_key(std::string_view kind, const DeviceName& device) {
  return must_parse(std::string(kind) + "." + device.str() + ".sshnp");
}

std::string_view kind_of(std::string_view key, const DeviceName& device) noexcept {
  const bool ours = take_back(key, ".sshnp") && take_back(key, device.str()) && take_back(key, ".");
  // A kind of two pieces would be the key of the device "x.lab", which is not "lab".
  return ours && is_one_piece(key) ? key : std::string_view();
}

at::KeyName relay_request_key(const DeviceName& device) {
  return must_parse(device.str() + std::string(kRelayRequestTail));
}

bool is_relay_request(std::string_view key) noexcept {
  return take_back(key, kRelayRequestTail) && is_one_piece(key);
}

at::KeyName relay_hint_key(const DeviceName& device) {
  return must_parse(device.str() + std::string(kRelayHintTail));
}

bool is_relay_hint(std::string_view key) noexcept {
  return take_back(key, kRelayHintTail) && is_one_piece(key);
}

at::KeyName relay_answer_key(std::string_view session_id) {
  return must_parse(std::string(session_id) + ".sshrvd");
}

at::KeyName relay_nack_key(std::string_view session_id) {
  return must_parse("nack." + std::string(session_id) + ".sshrvd");
}

at::KeyName relay_mutex_key(std::string_view session_id) {
  return must_parse(std::string(session_id) + ".session_mutexes.sshrvd");
}

at::KeyName device_mutex_key(std::string_view session_id) {
  return must_parse(std::string(session_id) + ".session_mutexes.sshnp");
}

}  // namespace noports::proto
