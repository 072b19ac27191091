// SPDX-License-Identifier: BSD-3-Clause
// backup, verify, import: what is done with a key file alone.
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/output.hpp"
#include "common/terminal.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/enc_file.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/offload.hpp"

namespace noports::apps::at_activate {
namespace {

using Path = std::filesystem::path;

void tell(const Options& options, const Path& path, const keys::Keys& keys, std::string_view done) {
  const auto id = keys.enrollment_id.value_or("");
  if (options.json) {
    std::cout << members_as_json({{"keyFile", path.string()},
                                  {"atSign", options.atsign->str()},
                                  {"enrollmentId", id},
                                  {"status", std::string(done)}})
              << std::flush;
    return;
  }
  std::cout << "[Success] The keys of " << options.atsign->str() << " in "
            << printable(path.string(), 4000) << " are " << done
            << (id.empty() ? "" : ", enrollment ID " + id) << "\n"
            << std::flush;
}

asio::awaitable<Result<int>> verify(const Options& options, Path path) {
  auto keys = co_await load_keys(options.key_access, *options.atsign);
  if (!keys) co_return fail(std::move(keys).error());
  tell(options, path, *keys, "whole");
  co_return 0;
}

// The bytes as they are, passphrase and all; looked at before and after.
asio::awaitable<Result<int>> backup(const Options& options, Path path) {
  auto keys = co_await load_keys(options.key_access, *options.atsign);
  if (!keys) co_return fail(std::move(keys).error());
  auto text = keys::load_private(path, *options.atsign);
  if (!text) co_return fail(std::move(text).error().during("reading " + path.string()));
  auto written = keys::save_private(*text, *options.to, /*replace=*/false);
  if (!written) {
    co_return fail(std::move(written).error().during("writing " + options.to->string()));
  }
  auto copy = options.key_access;
  copy.file = *options.to;
  auto again = co_await load_keys(std::move(copy), *options.atsign);
  if (!again) co_return fail(std::move(again).error());
  tell(options, *options.to, *again, "backed up");
  co_return 0;
}

Result<std::string> read_encrypted(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::config, "it cannot be opened");
  std::string bytes(keys::kMaxKeyFile, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

Result<keys::Keys> open_encrypted(const Path& path, const at::Atsign& self,
                                  const crypto::Secret& password) {
  const auto doing = "opening " + path.string();
  auto bytes = read_encrypted(path);
  if (!bytes) return fail(std::move(bytes).error().during(doing));
  auto text = crypto::open_enc_file(*bytes, password);
  if (!text) return fail(Error(Errc::config, text.error().what()).during(doing));
  auto keys = keys::decode(text->text(), self);
  if (!keys) return fail(Error(Errc::config, keys.error().what()).during(doing));
  return keys;
}

// The passphrase is the encrypted file's; the key file that is made has none.
asio::awaitable<Result<int>> import(const Options& options, Path path) {
  std::function<Result<keys::Keys>()> work = [from = *options.encrypted, self = *options.atsign,
                                              password = options.key_access.passphrase] {
    return open_encrypted(from, self, *password);
  };
  auto keys = co_await net::offload<keys::Keys>(std::move(work));
  if (!keys) co_return fail(std::move(keys).error());
  auto saved = keys::save(*keys, *options.atsign, path);
  if (!saved) co_return fail(std::move(saved).error());
  tell(options, path, *keys, "imported");
  co_return 0;
}

}  // namespace

asio::awaitable<Result<int>> run_offline(Command command, const Options& options) {
  auto path = key_path(options.key_access, *options.atsign);
  if (!path) co_return fail(std::move(path).error());
  if (command == Command::backup) co_return co_await backup(options, *path);
  if (command == Command::import) co_return co_await import(options, *path);
  co_return co_await verify(options, *path);
}

}  // namespace noports::apps::at_activate
