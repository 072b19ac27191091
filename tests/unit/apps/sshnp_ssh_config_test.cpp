// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/ssh_config.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using apps::sshnp::Options;

namespace {

Result<std::string> config_of(std::vector<std::string> more) {
  std::vector<std::string> args{
      "-f", "@ann", "-t", "@dev", "-r", "@relay", "-d", "lab", "--print-ssh-config"};
  args.insert(args.end(), more.begin(), more.end());
  Options options;
  auto parsed = apps::parse(apps::sshnp::program(options), args);
  if (!parsed) return fail(std::move(parsed).error());
  if (auto checked = apps::sshnp::check(options); !checked) return fail(std::move(checked).error());
  return apps::sshnp::ssh_config(options);
}

}  // namespace

TEST_CASE("sshnp: the block for ssh's configuration pins the host's key", "[apps][sshnp]") {
  CHECK(config_of({}).value() ==
        "Host lab\n"
        "  HostKeyAlias lab.dev\n"
        "  ProxyCommand sshnp --stdio -q -f @ann -t @dev -d lab -r @relay\n"
        "  ControlMaster auto\n"
        "  ControlPath ~/.ssh/control-%C\n");
}

TEST_CASE("sshnp: what leads to the device stands in its ProxyCommand", "[apps][sshnp]") {
  CHECK(config_of({"-u", "bob", "-i", "/k/my id", "-r", "@relay,@other", "-k", "/k/a'b 100%",
                   "--root-server", "root.example:6400", "--443", "--ram", "escr", "--no-ad",
                   "--no-et"})
            .value() ==
        "Host lab\n"
        "  HostKeyAlias lab.dev\n"
        "  User bob\n"
        "  IdentityFile \"/k/my id\"\n"
        "  IdentitiesOnly yes\n"
        "  ProxyCommand sshnp --stdio -q -f @ann -t @dev -d lab -r @relay,@other "
        "--root-server "
        "root.example:6400 -k '/k/a'\\''b 100%%' --443 --relay-auth-mode escr --no-ad --no-et\n"
        "  ControlMaster auto\n"
        "  ControlPath ~/.ssh/control-%C\n");
}

TEST_CASE("sshnp: words keep their sense in a ProxyCommand", "[apps][sshnp][hostile]") {
  using apps::sshnp::proxy_word;
  CHECK(proxy_word("") == "''");
  CHECK(proxy_word("@ann") == "@ann");
  CHECK(proxy_word("$(id)") == "'$(id)'");
  CHECK(proxy_word("a;b`c`") == "'a;b`c`'");
  CHECK(proxy_word("%h") == "%%h");
  CHECK(proxy_word("~/x") == "'~/x'");
}

TEST_CASE("sshnp: a path that would break the block is refused", "[apps][sshnp][hostile]") {
  CHECK_FALSE(config_of({"-k", "a\nHost *"}));
  CHECK_FALSE(config_of({"--ca-file", "a\nHost *"}));
  CHECK_FALSE(config_of({"--pass-phrase-file", "a\rb"}));
  CHECK_FALSE(config_of({"-i", "a\nb"}));
  CHECK_FALSE(config_of({"-i", "a\"b"}));
}
