// SPDX-License-Identifier: BSD-3-Clause
#include "common/completion.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "common/recent_devices.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using apps::Completes;
using apps::Option;
using apps::Shell;

namespace {

struct Home {
  Home() {
    setenv("HOME", folder.path().c_str(), 1);
    unsetenv("XDG_STATE_HOME");
  }
  ~Home() { unsetenv("HOME"); }
  test::TempFolder folder;
};

apps::RecentDevice device(const std::string& atsign, const std::string& name,
                          const std::string& relay) {
  return {*at::Atsign::parse(atsign), *proto::DeviceName::parse(name), *at::Atsign::parse(relay)};
}

apps::Program tool() {
  apps::Program made;
  made.name = "tool";
  Option from, keys, encrypt, hidden;
  from.names = "-f,--from";
  from.placeholder = "ATSIGN";
  from.help = "who's [calling]: us";
  from.completes = Completes::own_atsign;
  keys.names = "-k,--key-file";
  keys.placeholder = "FILE";
  keys.help = "the keys";
  encrypt.names = "--encrypt";
  encrypt.kind = Option::Kind::flag;
  encrypt.negatable = true;
  encrypt.help = "in secret";
  hidden.names = "--old";
  made.options = {from, keys, encrypt, hidden};
  return made;
}

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("the scripts of the three shells come from the table", "[apps][completion]") {
  const auto bash = apps::completion(tool(), Shell::bash);
  CHECK(has(bash, "local words='-f --from -k --key-file --encrypt --no-encrypt --help --version'"));
  CHECK(has(bash, "-f|--from) kind=own_atsign ;;"));
  CHECK(has(bash, "-k|--key-file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f "));
  CHECK(has(bash, "complete -F _noports_tool tool\n"));
  const auto zsh = apps::completion(tool(), Shell::zsh);
  CHECK(zsh.rfind("#compdef tool\n", 0) == 0);
  CHECK(has(zsh, R"('(-f --from)--from[who'\''s \[calling\]\: us]:ATSIGN:{compadd -- )"));
  CHECK(has(zsh, "'(-k --key-file)-k[the keys]:FILE:_files'"));
  const auto fish = apps::completion(tool(), Shell::fish);
  CHECK(has(fish, R"(complete -c tool -s f -l from -x -a '(tool --complete own_atsign)"));
  CHECK(has(fish, R"(-d 'who\'s [calling]: us')"));
  CHECK(has(fish, "complete -c tool -s k -l key-file -r -F -d 'the keys'\n"));
  CHECK(has(fish, "complete -c tool -l no-encrypt -d 'in secret'\n"));
  for (const auto& script : {bash, zsh, fish}) CHECK_FALSE(has(script, "old"));
}

TEST_CASE("the commands of a program are completed, and their options once", "[apps][completion]") {
  auto made = tool();
  apps::Program add = tool(), list;
  add.name = "add";
  add.summary = "add one";
  list.name = "list";
  made.commands = {add, list};
  const auto bash = apps::completion(made, Shell::bash);
  CHECK(has(bash, "words='add list -f --from "));
  CHECK(bash.find("--key-file") == bash.rfind("--key-file", bash.find("case")));
  CHECK(has(apps::completion(made, Shell::zsh), "'1:command:(add list)' '*:word:_files'\n}"));
  CHECK(has(apps::completion(made, Shell::fish), "-n __fish_use_subcommand -a add -d 'add one'"));
}

TEST_CASE("what is offered is what this user has", "[apps][completion]") {
  Home home;
  CHECK(apps::completion_values("own_atsign").value().empty());
  CHECK(apps::completion_values("device").value().empty());
  const auto keys = home.folder.path() / ".atsign" / "keys";
  std::filesystem::create_directories(keys);
  for (const auto* name : {"@alice_key.atKeys", "@bob_key.atKeys", "notes.txt", "@a b_key.atKeys",
                           "@a|id_key.atKeys", "@a\"b_key.atKeys", "@a>b_key.atKeys"}) {
    std::ofstream(keys / name) << "{}";
  }
  CHECK(apps::completion_values("own_atsign").value() ==
        std::vector<std::string>{"@alice", "@bob"});
  apps::remember_device(device("@dev", "lab", "@rv_eu"));
  apps::remember_device(device("@dev", "attic", "@relay"));
  CHECK(apps::completion_values("device_atsign").value() == std::vector<std::string>{"@dev"});
  CHECK(apps::completion_values("device").value() == std::vector<std::string>{"attic", "lab"});
  CHECK(apps::completion_values("relay").value() ==
        std::vector<std::string>{"@relay", "@rv_am", "@rv_ap", "@rv_eu"});
  CHECK_FALSE(apps::completion_values("file"));
  CHECK_FALSE(apps::completion_values(""));
}

TEST_CASE("of the devices that were reached the last ones are kept", "[apps][completion]") {
  Home home;
  for (int i = 0; i < 120; ++i)
    apps::remember_device(device("@dev", "d" + std::to_string(i), "@r"));
  apps::remember_device(device("@dev", "d50", "@other"));
  const auto known = apps::recent_devices();
  REQUIRE(known.size() == 100);
  CHECK(known[0].name.str() == "d50");
  CHECK(known[0].relay.str() == "@other");
  CHECK(known[1].name.str() == "d119");
  CHECK(std::count_if(known.begin(), known.end(),
                      [](const auto& one) { return one.name.str() == "d50"; }) == 1);
}

TEST_CASE("a damaged list of devices offers what is whole in it", "[apps][completion][hostile]") {
  const std::string text =
      "@dev lab @relay\n\n@dev lab\nlab @dev @relay\n@dev lab @relay more\n@dev $(id) @relay\n"
      "@dev la`b @relay\n@dev \x1b[2J @relay\n@dev ok @relay";
  const auto known = apps::decode_recent_devices(text);
  REQUIRE(known.size() == 2);
  CHECK(known[1].name.str() == "ok");
  CHECK(apps::encode(known) == "@dev lab @relay\n@dev ok @relay\n");
  CHECK(apps::decode_recent_devices(std::string(100'000, '\n')).empty());
}
