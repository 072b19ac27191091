// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/ssh_key.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::proto {
namespace {

constexpr std::size_t kLineLimit = 8192;  // bytes; an RSA key of 16384 bits needs 2800

// What the key blob of a type consists of behind its type name (RFC 8709 4, RFC 4253 6.6,
// RFC 5656 3.1, OpenSSH PROTOCOL.u2f): number of fields, and the fixed text of the first one.
struct KeyType {
  std::string_view name;   // as it stands in front of the base64
  std::string_view inner;  // as it stands in the blob
  std::size_t fields;
  std::string_view curve;
};

constexpr std::array<KeyType, 9> kTypes = {{
    {"ssh-ed25519", "ssh-ed25519", 1, ""},
    {"ssh-rsa", "ssh-rsa", 2, ""},
    // Names of signatures rather than of keys, but the reference lets them pass.
    {"rsa-sha2-256", "ssh-rsa", 2, ""},
    {"rsa-sha2-512", "ssh-rsa", 2, ""},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", 2, "nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", 2, "nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", 2, "nistp521"},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", 2, ""},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3, "nistp256"},
}};

const KeyType* find_type(std::string_view name) {
  const auto* type = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const KeyType& known) { return known.name == name; });
  return type == kTypes.end() ? nullptr : type;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// An SSH string (RFC 4251, 5): four bytes of length, big-endian, and as many bytes.
std::optional<std::string_view> take_string(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  std::size_t length = 0;
  for (const char c : rest.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(c);
  rest.remove_prefix(4);
  if (rest.size() < length) return std::nullopt;
  const auto text = rest.substr(0, length);
  rest.remove_prefix(length);
  return text;
}

bool is_blob_of(std::string_view blob, const KeyType& type) {
  if (take_string(blob) != type.inner) return false;
  for (std::size_t i = 0; i < type.fields; ++i) {
    const auto field = take_string(blob);
    if (!field || field->empty()) return false;
    if (i == 0 && !type.curve.empty() && *field != type.curve) return false;
    if (type.inner == "ssh-ed25519" && field->size() != 32) return false;
  }
  return blob.empty();
}

// The words of a line of authorized_keys; blanks inside double quotes do not separate. Nothing
// when a quote stays open.
std::optional<std::vector<std::string_view>> words(std::string_view line) {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const bool at_end = i == line.size();
    if (!at_end && line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"') {
      ++i;  // an escaped quote, as sshd reads it: in or out of quotes
    } else if (!at_end && line[i] == '"') {
      quoted = !quoted;
    } else if (at_end || (!quoted && (line[i] == ' ' || line[i] == '\t'))) {
      if (i > begin) found.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  if (quoted) return std::nullopt;
  return found;
}

// Does this line let the key in? With options in front or without.
bool is_line_of(std::string_view line, std::string_view base64) {
  line = trim(line);
  if (line.empty() || line.front() == '#') return false;
  const auto found = words(line);
  if (!found) return false;
  const std::size_t type = !found->empty() && find_type(found->front()) ? 0 : 1;
  return found->size() > type + 1 && find_type((*found)[type]) && (*found)[type + 1] == base64;
}

Result<void> check_permissions(std::string_view permissions) {
  const auto wrong = [](std::string_view why) {
    return fail(Errc::config, "the permissions for shared SSH keys " + std::string(why));
  };
  if (has_control(permissions)) return wrong("hold a line break or control character");
  const auto found = words(permissions);
  if (!found) return wrong("hold a quote that is not closed");
  // sshd would take a second word for the type of the key, and a type for the whole key.
  if (found->size() > 1) return wrong("hold a blank outside quotes");
  if (!found->empty() && (found->front().front() == '#' || find_type(found->front()))) {
    return wrong("are a comment or a key");
  }
  return {};
}

// What lies between the first and the last line of a private key's file, in one piece.
std::optional<crypto::Secret> armoured_base64(std::string_view text) {
  constexpr std::size_t kFileLimit = 65'536;  // bytes; an RSA key of 16384 bits needs 13,000
  text = trim(text);
  if (text.size() > kFileLimit || !take(text, "-----BEGIN OPENSSH PRIVATE KEY-----")) {
    return std::nullopt;
  }
  const auto end = text.find("-----END OPENSSH PRIVATE KEY-----");
  if (end == text.npos) return std::nullopt;
  std::string whole;
  whole.reserve(end);  // so that no copy stays behind
  for (const auto line : split(text.substr(0, end), '\n')) whole += trim(line);
  crypto::Secret base64{std::string_view(whole)};
  crypto::wipe(whole);
  return base64;
}

}  // namespace

Result<SshPublicKey> SshPublicKey::parse(std::string_view line) {
  const auto bad = [](std::string_view why) {
    return fail(Errc::bad_syntax, "SSH public key: " + std::string(why));
  };
  line = trim(line);
  if (line.size() > kLineLimit) return bad("too long");
  if (has_control(line)) return bad("want one line without control characters");
  const auto blank = line.find(' ');
  const auto* type = find_type(line.substr(0, blank));
  if (!type) return bad("a type that is not accepted");
  if (blank == line.npos) return bad("the key is missing");
  const auto rest = trim(line.substr(blank));
  const auto blob = crypto::base64_decode(rest.substr(0, rest.find(' ')));
  if (!blob) return bad("not base64");
  if (!is_blob_of(*blob, *type)) return bad("the key is not of the type that it claims");
  return SshPublicKey(std::string(type->inner) + " " + crypto::base64(*blob));
}

Result<SshPublicKey> SshPublicKey::of_private_file(std::string_view text) {
  const auto bad = [](std::string_view why) {
    return fail(Errc::bad_syntax, "SSH private key: " + std::string(why));
  };
  auto armoured = armoured_base64(text);
  if (!armoured) return bad("not of OpenSSH's own form");
  auto decoded = crypto::base64_decode_secret(armoured->text());
  if (!decoded) return bad("not base64");
  std::string_view rest = decoded->text();
  if (!take(rest, std::string_view("openssh-key-v1\0", 15))) return bad("another version");
  // The names of cipher and key derivation, and what the latter wants to know.
  for (int i = 0; i < 3; ++i) {
    if (!take_string(rest)) return bad("cut short");
  }
  if (!take(rest, std::string_view("\0\0\0\1", 4))) return bad("want one key");
  const auto blob = take_string(rest);
  if (!blob) return bad("cut short");
  auto inner = *blob;
  const auto name = take_string(inner);
  const auto* type = name ? find_type(*name) : nullptr;
  if (!type) return bad("a type that is not accepted");
  if (!is_blob_of(*blob, *type)) return bad("the key is not of the type that it claims");
  return SshPublicKey(std::string(type->inner) + " " + crypto::base64(*blob));
}

Result<std::string> add_to_authorized_keys(std::string_view current, const SshPublicKey& key,
                                           std::string_view permissions, std::string_view from) {
  const auto options = trim(permissions);
  const auto permitted = check_permissions(permissions);
  if (!permitted) return fail(permitted.error());
  take(from, "@");
  if (from.empty() || has_control(from) || from.find(' ') != from.npos) {
    return fail(Errc::bad_syntax, "sharing an SSH key: not from an atSign");
  }

  std::string file(current);
  const auto base64 = std::string_view(key.str()).substr(key.str().find(' ') + 1);
  for (const auto line : split(current, '\n')) {
    if (is_line_of(line, base64)) return file;
  }
  // Whoever wrote before may have left the last line open; nothing is ever glued to it.
  if (!file.empty() && file.back() != '\n') file += '\n';
  if (!options.empty()) file.append(options) += ' ';
  return file + key.str() + " noports:@" + std::string(from) + "\n";
}

}  // namespace noports::proto
