// SPDX-License-Identifier: BSD-3-Clause
// The forms of cli-and-packaging.md 1.2.
#include <catch2/catch.hpp>

#include "common/completion.hpp"
#include "common/option_table.hpp"

using namespace noports;
using apps::Option;

namespace {

struct Values {
  std::string port, user;
  std::vector<std::string> pieces, order;
  std::string quiet = "unset", auth = "unset", exit = "unset";
};

Option option(std::string names, Option::Kind kind, std::function<void(std::string)> take) {
  Option made;
  made.names = std::move(names);
  made.kind = kind;
  made.help = "what it does";
  made.set = [take](const std::string& value) {
    take(value);
    return Result<void>();
  };
  return made;
}

apps::Program program(Values& values) {
  apps::Program made{"tool", "does things", "tool -p PORT", {}, {}, ""};
  made.options = {
      option("-p,--remote-port", Option::Kind::value,
             [&](auto v) {
               values.port = v;
               values.order.push_back("port");
             }),
      option("-u,--user", Option::Kind::value,
             [&](auto v) {
               values.user = v;
               values.order.push_back("user");
             }),
      option("-o,--ssh-option", Option::Kind::list, [&](auto v) { values.pieces.push_back(v); }),
      option("-q,--quiet", Option::Kind::flag, [&](auto v) { values.quiet = v; }),
      option("-x,--exit", Option::Kind::flag, [&](auto v) { values.exit = v; }),
      option("--authenticate", Option::Kind::flag, [&](auto v) { values.auth = v; }),
  };
  made.options[0].aliases = {"--rp"};
  made.options[5].aliases = {"--ac"};
  made.options[5].negatable = true;
  return made;
}

Result<apps::Parsed> parse(Values& values, std::vector<std::string> args) {
  return apps::parse(program(values), args);
}

}  // namespace

TEST_CASE("a value may follow, be glued on, or stand behind an equals sign", "[apps]") {
  const auto args = GENERATE(
      std::vector<std::string>{"-p", "22"}, std::vector<std::string>{"-p22"},
      std::vector<std::string>{"--remote-port", "22"}, std::vector<std::string>{"--remote-port=22"},
      std::vector<std::string>{"--rp", "22"}, std::vector<std::string>{"--rp=22"});
  Values values;
  REQUIRE(parse(values, args));
  CHECK(values.port == "22");
}

TEST_CASE("a value may begin with a hyphen or be empty", "[apps]") {
  Values values;
  REQUIRE(parse(values, {"-o", "-D 1080", "--user=", "-p", ""}));
  CHECK(values.pieces == std::vector<std::string>{"-D 1080"});
  CHECK(values.order == std::vector<std::string>{"user", "port"});
  CHECK(values.user.empty());
  REQUIRE(parse(values, {"-p", "--quiet"}));
  CHECK(values.port == "--quiet");
  REQUIRE(parse(values, {"-p=22"}));
  CHECK(values.port == "=22");
}

TEST_CASE("the last of repeated options wins and lists collect every piece", "[apps]") {
  Values values;
  REQUIRE(parse(values, {"-p", "1", "-p", "2", "-o", "a,b", "-o", "c", "-q", "-q"}));
  CHECK(values.port == "2");
  CHECK(values.order == std::vector<std::string>{"port"});
  CHECK(values.pieces == std::vector<std::string>{"a", "b", "c"});
  CHECK(values.quiet == "true");
}

TEST_CASE("flags collapse, and may be negated where the table says so", "[apps]") {
  Values values;
  REQUIRE(parse(values, {"-xq"}));
  CHECK(values.quiet == "true");
  CHECK(values.exit == "true");
  REQUIRE(parse(values, {"--no-ac"}));
  CHECK(values.auth == "false");
  REQUIRE(parse(values, {"--no-authenticate", "--authenticate"}));
  CHECK(values.auth == "true");
  CHECK_FALSE(parse(values, {"--no-quiet"}));
}

TEST_CASE("words and what follows two hyphens are positional", "[apps]") {
  Values values;
  const auto parsed = parse(values, {"one", "-q", "two", "--", "--three"});
  REQUIRE(parsed);
  CHECK(parsed->positional == std::vector<std::string>{"one", "two", "--three"});
}

TEST_CASE("what is no option is refused by name", "[apps][hostile]") {
  Values values;
  const auto [args, sentence] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"--remote-por", "22"}, "Could not find an option named \"--remote-por\""},
      {{"-z"}, "Could not find an option named \"-z\""},
      {{"--remote-port"}, "--remote-port wants a value"},
      {{"-p"}, "--remote-port wants a value"},
      {{"--quiet=yes"}, "--quiet takes no value"},
  }));
  const auto parsed = parse(values, args);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().what() == sentence);
  CHECK(parsed.error().hop() == Hop::local);
  CHECK(parsed.error().code() == Errc::config);
  CHECK(parsed.error().hint() == "see tool --help");
}

TEST_CASE("an option's own error stands behind its name", "[apps]") {
  Values values;
  auto tool = program(values);
  tool.options[0].set = [](const std::string&) {
    return Result<void>(fail(Errc::config, "want a port"));
  };
  tool.options[1].required = true;
  const auto missing = apps::parse(tool, {"-p", "x"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what() == "--user is mandatory");
  const auto wrong = apps::parse(tool, {"-p", "x", "-u", "ann"});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().what() == "--remote-port: want a port");
}

TEST_CASE("help, version, man page and completion come from the table", "[apps]") {
  Values values;
  const auto tool = program(values);
  const auto help = apps::parse(tool, {"--help"});
  REQUIRE(help);
  CHECK(help->done);
  CHECK(help->output.rfind("Version : ", 0) == 0);
  CHECK(help->output.find("  -p, --remote-port VALUE") != std::string::npos);
  CHECK(help->output.find("--[no-]authenticate") != std::string::npos);
  CHECK(apps::parse(tool, {"-h"})->output == help->output);
  CHECK(apps::parse(tool, {"--version"})->output.rfind("Version : ", 0) == 0);
  const auto man = apps::parse(tool, {"--man"})->output;
  CHECK(man.rfind(".TH TOOL 1", 0) == 0);
  CHECK(man.find("Also: \\-\\-rp.") != std::string::npos);
  CHECK(apps::parse(tool, {"--completion", "bash"})->output ==
        apps::completion(tool, apps::Shell::bash));
  CHECK(apps::parse(tool, {"--completion=fish"})->output ==
        apps::completion(tool, apps::Shell::fish));
  const auto shell = apps::parse(tool, {"--completion", "tcsh"});
  REQUIRE_FALSE(shell);
  CHECK(shell.error().what() == "--completion: want bash, zsh or fish");
  CHECK_FALSE(apps::parse(tool, {"--complete", "secrets"}));
}

TEST_CASE("-h is the table's where the table has one", "[apps]") {
  Values values;
  auto tool = program(values);
  tool.options[1].names = "-h,--user";
  REQUIRE(apps::parse(tool, {"-h", "ann"}));
  CHECK(values.user == "ann");
}
