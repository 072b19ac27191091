// SPDX-License-Identifier: BSD-3-Clause
#include "sshnpd/config.hpp"

#include <array>
#include <memory>
#include <utility>

#include "common/config_file.hpp"
#include "common/environment.hpp"
#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnpd {
namespace {

constexpr const char* kUsualFile = "/etc/noports/sshnpd.yaml";
constexpr const char* kPassphrase = "--passphrase-of-file";  // no option of the command line

// cli-and-packaging.md 1.5.2, noports-newer.md 17.4
constexpr std::array<ConfigKey, 25> kKeys = {{
    {"atsign/atsign", "--atsign"},
    {"atsign/keys", "--key-file"},
    {"atsign/passphrase", kPassphrase},
    {"atsign/passphrase-file", "--pass-phrase-file"},
    {"atsign/root", "--root-server"},
    {"atsign/root-domain", "--root-server"},
    {"access/managers", "--managers"},
    {"access/policy", "--policy-manager"},
    {"access/permitopen", "--permit-open"},
    {"device/name", "--device"},
    {"device/group", "--device-group"},
    {"device/hide", "--hide"},
    {"ssh/add-publickeys", "--sshpublickey"},
    {"ssh/sshd-port", "--local-sshd-port"},
    {"ssh/publickey-permissions", "--sshpublickey-permissions"},
    {"ssh/client", "--ssh-client"},
    {"ssh/ssh-client", "--ssh-client"},
    {"ssh/algorithm", "--ssh-algorithm"},
    {"ssh/ephemeral-permissions", "--ephemeral-permissions"},
    {"runtime/storage-path", "--storage-path"},
    {"runtime/clear-cached-pks", "--clear-cached-pks"},
    {"runtime/strict", "--strict"},
    {"runtime/verbose", "--verbose"},
    {"runtime/debug", "--debug"},
    {"runtime/ca-file", "--ca-file"},
}};

std::optional<std::filesystem::path> file_of(const Options& options) {
  if (options.config) return options.config;
  if (auto named = config_from_environment("SSHNPD_CONFIG")) return named;
  std::error_code ignored;
  if (std::filesystem::exists(kUsualFile, ignored)) return kUsualFile;
  return std::nullopt;
}

Option passphrase_row(KeyAccess& into) {
  Option option;
  option.names = kPassphrase;
  option.set = [&into](const std::string& value) -> Result<void> {
    into.passphrase = std::make_shared<const crypto::Secret>(value);
    return {};
  };
  return option;
}

Result<void> read_file(const std::filesystem::path& file, Options& into) {
  auto program = describe(into);
  program.options.push_back(passphrase_row(into.key_access));
  auto read = read_config(file, program, kKeys);
  if (!read) return read;
  into.has_managers_of_file = true;
  if (into.key_access.passphrase && others_may_read(file)) {
    return fail(Error(Errc::config, printable(file.string()) +
                                        ": group or others may read it, and it has a passphrase")
                    .hint("run: chmod 600 " + printable(file.string())));
  }
  return {};
}

// A scalar that YAML reads as the text it is.
std::string scalar(std::string_view text) {
  std::string safe = "\"";
  for (const char c : printable(text, 10'000)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "\"";
}

template <class List, class Text>
std::string list_of(const List& items, Text text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + scalar(text(item));
  return "[" + all + "]\n";
}

const char* word(bool yes) { return yes ? "true\n" : "false\n"; }

}  // namespace

Result<Options> load(const std::vector<std::string>& args) {
  Options first;
  if (auto parsed = parse(describe(first), args); !parsed) return fail(parsed.error());
  const auto file = file_of(first);
  auto whole = std::make_unique<Options>();
  if (file) {
    if (auto read = read_file(*file, *whole); !read) return fail(read.error());
    if (auto parsed = parse(describe(*whole), args); !parsed) return fail(parsed.error());
    whole->config = file;
  } else {
    *whole = std::move(first);
  }
  auto usable = complete(*whole);
  if (usable) return *std::move(whole);
  auto error = std::move(usable).error();
  if (!file) return fail(std::move(error));
  return fail(std::move(error).during(printable(file->string()) + " and the command line"));
}

std::string to_yaml(const Options& options) {
  const auto atsign_text = [](const at::Atsign& one) { return one.str(); };
  const auto same = [](const std::string& one) { return one; };
  std::string text = "atsign:\n  atsign: " + scalar(options.atsign->str()) + "\n";
  if (options.key_access.file) {
    text += "  keys: " + scalar(options.key_access.file->string()) + "\n";
  }
  if (options.key_access.passphrase_file) {
    text += "  passphrase-file: " + scalar(options.key_access.passphrase_file->string()) + "\n";
  }
  text +=
      "  root: " + scalar(options.directory.host + ":" + std::to_string(options.directory.port)) +
      "\naccess:\n  managers: " + list_of(options.managers, atsign_text);
  if (options.policy) text += "  policy: " + scalar(options.policy->str()) + "\n";
  text += "  permitopen: " + list_of(options.permit.texts(), same) +
          "device:\n  name: " + scalar(options.device->str()) +
          "\n  group: " + scalar(options.device_group) + "\n  hide: " + word(options.hide) +
          "ssh:\n  add-publickeys: " + word(options.accepts_public_keys) +
          "  sshd-port: " + std::to_string(options.ssh_port) + "\n";
  if (!options.key_permissions.empty()) {
    text += "  publickey-permissions: " + scalar(options.key_permissions) + "\n";
  }
  if (options.ca_file) text += "runtime:\n  ca-file: " + scalar(options.ca_file->string()) + "\n";
  return text;
}

std::vector<std::string> needs_restart(const Options& running, const Options& wanted) {
  std::vector<std::string> keys;
  const auto compare = [&](bool is_same, const char* key) {
    if (!is_same) keys.emplace_back(key);
  };
  compare(running.atsign == wanted.atsign, "atsign/atsign");
  compare(running.key_access.file == wanted.key_access.file, "atsign/keys");
  compare(running.directory.host == wanted.directory.host &&
              running.directory.port == wanted.directory.port,
          "atsign/root");
  compare(running.device == wanted.device, "device/name");
  compare(running.device_group == wanted.device_group, "device/group");
  compare(running.hide == wanted.hide, "device/hide");
  compare(running.ssh_port == wanted.ssh_port, "ssh/sshd-port");
  compare(running.key_permissions == wanted.key_permissions, "ssh/publickey-permissions");
  compare(running.ca_file == wanted.ca_file, "runtime/ca-file");
  return keys;
}

std::vector<std::string> without_secrets(const std::vector<std::string>& args) {
  Options unused;
  auto parsed = parse(describe(unused), args);
  if (!parsed) return {};  // which load() has told
  for (auto& secret : parsed->secrets) crypto::wipe(secret);
  return std::move(parsed->given);
}

Result<std::vector<std::string>> reload(const std::vector<std::string>& args, Options& running) {
  auto wanted = load(args);
  if (!wanted) return fail(std::move(wanted).error());
  auto keys = needs_restart(running, *wanted);
  running.managers = std::move(wanted->managers);
  running.policy = std::move(wanted->policy);
  running.permit = std::move(wanted->permit);
  running.accepts_public_keys = wanted->accepts_public_keys;
  return keys;
}

}  // namespace noports::apps::sshnpd
