// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/ssh_config.hpp"

#include <utility>
#include <vector>

namespace noports::apps::sshnp {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";

void add(std::vector<std::string>& words, std::string name, std::string value) {
  words.push_back(std::move(name));
  words.push_back(std::move(value));
}

// Where and as whom: what differs from the defaults.
void add_account(std::vector<std::string>& words, const Options& options) {
  const atclient::Directory usual;
  const auto& directory = options.directory;
  if (directory.host != usual.host || directory.port != usual.port) {
    const bool is_bare_ipv6 = directory.host.find("::") != std::string::npos;
    const auto host = is_bare_ipv6 ? "[" + directory.host + "]" : directory.host;
    add(words, "--root-server", host + ":" + std::to_string(directory.port));
  }
  const auto& access = options.key_access;
  if (access.file) add(words, "-k", access.file->native());
  if (access.passphrase_file) add(words, "--pass-phrase-file", access.passphrase_file->native());
  if (access.accept_open_permissions) words.emplace_back("--accept-open-key-file");
  if (options.ca_file) add(words, "--ca-file", options.ca_file->native());
}

void add_relay(std::vector<std::string>& words, const Options& options) {
  const auto& wish = options.relay_auth;
  if (wish.only_443) words.emplace_back("--443");
  if (wish.is_explicit) {
    const bool is_escr = wish.preferred == proto::RelayAuthMode::escr;
    add(words, "--relay-auth-mode", is_escr ? "escr" : "payload");
  }
  if (!options.authenticate_client) words.emplace_back("--no-ac");
  if (!options.authenticate_device) words.emplace_back("--no-ad");
  if (!options.encrypt) words.emplace_back("--no-et");
}

std::string proxy_command(const Options& options) {
  std::vector<std::string> words{"sshnp", "--stdio", "-q"};
  add(words, "-f", options.from->str());
  add(words, "-t", options.to->str());
  add(words, "-d", options.device->str());
  std::string relays = options.relay->str();
  for (const auto& other : options.other_relays) relays += "," + other.str();
  add(words, "-r", std::move(relays));
  add_account(words, options);
  add_relay(words, options);
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + proxy_word(word);
  return line;
}

// A file name as ssh_config reads it: quoted, '%' and "~" being its own affair.
std::string file_word(const std::string& path) {
  std::string word = "\"";
  for (const char c : path) word += c == '%' ? std::string("%%") : std::string(1, c);
  return word + "\"";
}

}  // namespace

std::string proxy_word(std::string_view text) {
  const bool is_plain = !text.empty() && text.find_first_not_of(kPlain) == text.npos;
  std::string word = is_plain ? "" : "'";
  for (const char c : text) {
    if (c == '%') word += '%';
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return is_plain ? word : word + "'";
}

std::string ssh_config(const Options& options) {
  const auto& name = options.device->str();
  std::string text = "Host " + name + "\n";
  text += "  HostKeyAlias " + name + "." + options.to->str().substr(1) + "\n";
  if (!options.user.empty()) text += "  User " + options.user + "\n";
  if (options.identity) {
    text += "  IdentityFile " + file_word(options.identity->native()) + "\n";
    text += "  IdentitiesOnly yes\n";
  }
  text += "  ProxyCommand " + proxy_command(options) + "\n";
  return text + "  ControlMaster auto\n  ControlPath ~/.ssh/control-%C\n";
}

}  // namespace noports::apps::sshnp
