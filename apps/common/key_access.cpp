// SPDX-License-Identifier: BSD-3-Clause
#include "common/key_access.hpp"

#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "common/environment.hpp"
#include "common/shared_options.hpp"
#include "common/terminal.hpp"
#include "noports/base/text.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/offload.hpp"

namespace noports::apps {
namespace {

constexpr std::size_t kMostPassphrase = 4096;  // bytes; nobody types more

keys::Loading loading(const KeyAccess& access) {
  return {access.passphrase.get(), access.accept_open_permissions};
}

}  // namespace

// A pipe or a device belongs to whoever made it for us.
bool others_may_read(const std::filesystem::path& path) {
  struct ::stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

Option passphrase_file_option(KeyAccess& into) {
  auto option = path_option("--pass-phrase-file", into.passphrase_file,
                            "a file with the key file's passphrase");
  option.aliases = {"--passphrase-file"};
  option.man =
      "Its first line is the passphrase. Without it the program asks on the terminal when the key "
      "file is under one.";
  return option;
}

Option accept_open_option(KeyAccess& into) {
  auto option = flag_option("--accept-open-key-file", into.accept_open_permissions,
                            "take a key file that others may read");
  option.man = "Better is chmod 600: who can read the key file is the atSign.";
  return option;
}

Option passphrase_option(KeyAccess& into) {
  Option option;
  option.names = "-P,--pass-phrase";
  option.placeholder = "TEXT";
  option.man =
      "The key file's passphrase. Every user of the machine can read it while the program starts, "
      "and it stays in the shell's history: better is --pass-phrase-file, or the question on the "
      "terminal.";
  option.is_secret = true;
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return fail(Errc::config, "want a passphrase");
    into.passphrase = std::make_shared<const crypto::Secret>(std::string_view(value));
    return {};
  };
  return option;
}

std::vector<Option> key_access_options(KeyAccess& into) {
  return {key_file_option(into.file), passphrase_file_option(into), passphrase_option(into),
          accept_open_option(into)};
}

Result<std::filesystem::path> key_path(const KeyAccess& access, const at::Atsign& self) {
  if (access.file) return *access.file;
  auto home = home_folder();
  if (!home) return fail(std::move(home).error());
  return keys::default_path(*home, self);
}

Result<crypto::Secret> read_passphrase_file(const std::filesystem::path& path, bool accept_open) {
  const auto doing = "reading the passphrase from " + printable(path.string());
  if (!accept_open && others_may_read(path)) {
    return fail(Error(Errc::config, "group or others may read or change it")
                    .during(doing)
                    .hint("run: chmod 600 " + printable(path.string())));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Error(Errc::config, "it cannot be opened").during(doing));
  std::string text(kMostPassphrase + 3, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  std::string_view line = std::string_view(text).substr(0, static_cast<std::size_t>(file.gcount()));
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_usable = !line.empty() && line.size() <= kMostPassphrase;
  crypto::Secret secret(line);
  crypto::wipe(text);
  if (!is_usable) {
    return fail(Error(Errc::config, "its first line is empty or too long").during(doing));
  }
  return secret;
}

Result<void> find_passphrase(KeyAccess& access, const at::Atsign& self) {
  if (access.passphrase_file) {
    auto read = read_passphrase_file(*access.passphrase_file, access.accept_open_permissions);
    if (!read) return fail(std::move(read).error());
    access.passphrase = std::make_shared<const crypto::Secret>(*std::move(read));
  }
  if (access.passphrase) return {};
  auto path = key_path(access, self);
  if (!path) return fail(std::move(path).error());
  const auto is_protected = keys::is_under_passphrase(*path, self, loading(access));
  if (!is_protected || !*is_protected) return {};
  auto typed = ask_secret("Passphrase of " + printable(path->string()) + ": ");
  if (!typed) {
    return fail(std::move(typed)
                    .error()
                    .during("asking for the passphrase of the keys of " + self.str())
                    .hint("name a file that holds it with --pass-phrase-file"));
  }
  access.passphrase = std::make_shared<const crypto::Secret>(*std::move(typed));
  return {};
}

asio::awaitable<Result<keys::Keys>> load_keys(KeyAccess access, at::Atsign self) {
  auto path = key_path(access, self);
  if (!path) co_return fail(std::move(path).error());
  std::function<Result<keys::Keys>()> work = [path = *path, self, access] {
    return keys::load(path, self, loading(access));
  };
  if (!access.passphrase) co_return work();
  co_return co_await net::offload<keys::Keys>(std::move(work));
}

}  // namespace noports::apps
