// SPDX-License-Identifier: BSD-3-Clause
#include <catch2/catch.hpp>
#include <fstream>

#include "at_activate/options.hpp"
#include "at_activate/output.hpp"
#include "at_activate/words.hpp"
#include "examples.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::apps::at_activate;

namespace {

struct Read {
  Options options;
  Result<apps::Parsed> parsed = fail(Errc::io, "not parsed");
  Command command;

  explicit Read(const std::vector<std::string>& args, Command which = Command::onboard)
      : command(which) {
    parsed = apps::parse(describe(which, options), args);
  }
  Result<void> checked() const {
    if (!parsed) return fail(parsed.error());
    return check(command, options, parsed->positional);
  }
};

}  // namespace

TEST_CASE("at_activate takes what the reference takes for onboard", "[apps][at_activate]") {
  Read read({"-a", "Alice", "-c", "s3cret", "-k", "/tmp/k", "-r", "dir.example:6400"});
  REQUIRE(read.checked());
  CHECK(read.options.atsign->str() == "@alice");
  CHECK(read.options.cramkey.text() == "s3cret");
  CHECK(*read.options.key_access.file == "/tmp/k");
  CHECK(read.options.directory.host == "dir.example");
  CHECK(read.options.directory.port == 6400);
  CHECK_FALSE(read.options.retries);
}

TEST_CASE("old names of options are taken", "[apps][at_activate]") {
  for (const auto* name : {"--rootServer", "--root-server", "--root-domain"}) {
    Read read({"-a", "@alice", "--license-key=s3cret", name, "localhost"});
    REQUIRE(read.checked());
    CHECK(read.options.directory.host == "localhost");
    CHECK(read.options.directory.port == 64);
  }
}

TEST_CASE("a proxy is a directory that is not asked", "[apps][at_activate]") {
  Read read({"-a", "@alice", "-c", "x", "-r", "proxy:proxy.example.org:443"});
  REQUIRE(read.checked());
  CHECK(read.options.directory.host == "proxy:proxy.example.org");
  CHECK(read.options.directory.port == 443);
}

TEST_CASE("onboard without a secret asks the registrar", "[apps][at_activate]") {
  Read read({"-a", "@alice", "-g", "https://registrar.example:8443"});
  REQUIRE(read.checked());
  CHECK_FALSE(has_secret(read.options));
  CHECK(read.options.registrar.str() == "registrar.example:8443");
  CHECK(read.options.registrar_key == "477b-876u-bcez-c42z-6a3d");
  Read usual({"-a", "@alice", "--registrar-api-key", "abc"});
  REQUIRE(usual.checked());
  CHECK(usual.options.registrar.str() == "my.atsign.com");
  CHECK(usual.options.registrar_key == "abc");
  CHECK_FALSE(Read({"-a", "@alice", "-g", "http://registrar.example"}).checked());
  CHECK_FALSE(Read({"-a", "@alice", "--registrar-api-key", "a\nb"}).checked());
}

TEST_CASE("onboard with two secrets is refused", "[apps][at_activate]") {
  CHECK_FALSE(Read({"-a", "@alice", "-c", "x", "--cramkey-file", "y"}).checked());
  CHECK_FALSE(Read({"-c", "x"}).checked());
  CHECK_FALSE(Read({"more", "-a", "@alice", "-c", "x"}).checked());
  CHECK_FALSE(Read({"-a", "@alice", "-c", "x", "--max-retries", "-1"}).checked());
}

TEST_CASE("every command of the reference is known by its name", "[apps][at_activate]") {
  for (const auto* word :
       {"onboard", "enroll", "otp", "spp", "list", "fetch", "approve", "deny", "revoke", "unrevoke",
        "delete", "auto", "status", "interactive", "backup", "verify", "import"}) {
    CAPTURE(word);
    const auto command = command_of(word);
    REQUIRE(command);
    CHECK(name(*command) == word);
  }
  CHECK_FALSE(command_of("onbord"));
  CHECK_FALSE(command_of(""));
}

TEST_CASE("enroll takes what the installers give it", "[apps][at_activate]") {
  Read read({"-a", "@device", "-s", "A1B2C3", "-p", "noports", "-k", "/tmp/k", "-d", "lab", "-n",
             "sshnp:rw,sshrvd:rw", "-e", "2d,1h", "--max-retries", "5"},
            Command::enroll);
  REQUIRE(read.checked());
  CHECK(read.options.passcode == "A1B2C3");
  CHECK(read.options.app == "noports");
  CHECK(read.options.device == "lab");
  CHECK(activate::text_of(read.options.namespaces) == "{sshnp: rw, sshrvd: rw}");
  CHECK(read.options.expiry == std::chrono::hours(49));
  CHECK(read.options.retries == 5);

  const std::vector<std::string> whole{"-a", "@x", "-s", "c", "-p", "a", "-d", "d", "-n", "b:r"};
  Read no_file(whole, Command::enroll);
  REQUIRE_FALSE(no_file.checked());
  CHECK(no_file.checked().error().what() ==
        "The --keys option is mandatory for the \"enroll\" command");
  for (std::size_t i = 0; i < whole.size(); i += 2) {
    auto without = whole;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i),
                  without.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    without.insert(without.end(), {"-k", "k"});
    CHECK(Read(without, Command::enroll).checked().error().code() == Errc::config);
  }
  CHECK_FALSE(
      Read({"-a", "@x", "-s", "c", "-p", "a", "-d", "d", "-n", "b", "-k", "k"}, Command::enroll)
          .checked());
}

TEST_CASE("commands about enrolments say which", "[apps][at_activate]") {
  for (const auto command : {Command::approve, Command::deny, Command::revoke, Command::unrevoke}) {
    Read none({"-a", "@x"}, command);
    REQUIRE_FALSE(none.checked());
    CHECK(none.checked().error().what() ==
          "At least one of --enrollmentId, --arx or --drx must be provided");
    CHECK(Read({"-a", "@x", "-i", "a-b"}, command).checked());
    CHECK_FALSE(Read({"-a", "@x", "-i", "a:b"}, command).checked());
    Read read({"-a", "@x", "-A", "noports", "--drx", "lab", "--regex"}, command);
    REQUIRE(read.checked());
    CHECK(read.options.app_selector == "noports");
    CHECK(read.options.device_selector == "lab");
    CHECK(read.options.is_regex);
  }
  CHECK_FALSE(Read({"-a", "@x"}, Command::fetch).checked());
  CHECK_FALSE(Read({"-a", "@x"}, Command::remove).checked());
  CHECK_FALSE(Read({"-a", "@x", "--arx", "a"}, Command::automatic).checked());
  Read all({"-a", "@x", "-A", "a", "-D", "d", "-L", "3", "--approve-existing"}, Command::automatic);
  REQUIRE(all.checked());
  CHECK(all.options.limit == 3);
  CHECK(all.options.approve_existing);
}

TEST_CASE("every command takes the options that the reference has everywhere",
          "[apps][at_activate]") {
  for (const auto command : {Command::otp, Command::list, Command::status, Command::interactive}) {
    Read read({"-a", "@x", "-g", "my.atsign.wtf", "-c", "s3cret", "-r", "localhost", "-k", "/k",
               "-v", "--mca", "3", "-P", "words", "--hashingAlgoType=argon2id"},
              command);
    REQUIRE(read.checked());
    CHECK(read.options.attempts == 3);
    CHECK(read.options.cramkey.text() == "s3cret");  // to be wiped
  }
  CHECK(Read({"-a", "@x", "-A", "a", "-D", "d", "-i", "a-b"}, Command::automatic).checked());
}

TEST_CASE("an expiry has units, or is the milliseconds of the C tool", "[apps][at_activate]") {
  const auto expiry = [](const char* text) {
    return Read({"-a", "@x", "-e", text}, Command::otp).options.expiry;
  };
  CHECK(expiry("2d,1h,10m,20s,999ms") == std::chrono::milliseconds(177'020'999));
  CHECK(expiry("1500") == std::chrono::milliseconds(1500));
  CHECK_FALSE(expiry("0"));
  for (const auto* text : {"", "-1", "1w", "1.5h", "99999999999999999999", "400000000000"}) {
    CHECK_FALSE(Read({"-a", "@x", "-e", text}, Command::otp).checked());
  }
}

TEST_CASE("key files that are made end in .atKeys", "[apps][at_activate]") {
  const auto named = [](Command command, const char* path) {
    Options options;
    options.key_access.file = path;
    name_new_file(command, options);
    return options.key_access.file->string();
  };
  CHECK(named(Command::enroll, "/x/lab") == "/x/lab.atKeys");
  CHECK(named(Command::onboard, "lab.json") == "lab.json.atKeys");
  CHECK(named(Command::onboard, "@a_key.atKeys") == "@a_key.atKeys");
  CHECK(named(Command::otp, "/x/lab") == "/x/lab");
}

TEST_CASE("list takes statuses that exist", "[apps][at_activate]") {
  Read read({"-a", "@x", "-s", "pending,approved", "-s", "revoked"}, Command::list);
  REQUIRE(read.checked());
  CHECK(read.options.statuses == std::vector<std::string>{"pending", "approved", "revoked"});
  CHECK_FALSE(Read({"-a", "@x", "-s", "gone"}, Command::list).checked());
}

TEST_CASE("switches that weaken TLS are refused, others of no use taken",
          "[apps][at_activate][hostile]") {
  Read weak({"-a", "@x", "-c", "s", "--allow-bad-registrar-certs"});
  REQUIRE_FALSE(weak.checked());
  CHECK(weak.checked().error().what().find("always verified") != std::string::npos);
  CHECK(Read({"-a", "@x", "-c", "s", "-y", "--no-proxy-fallback-enabled"}).checked());
  CHECK(Read({"-a", "@x", "--hashingAlgoType", "argon2id"}, Command::otp).checked());
  CHECK_FALSE(Read({"-a", "@x", "--hashingAlgoType", "md5"}, Command::otp).checked());
}

TEST_CASE("the help of the program names every command", "[apps][at_activate]") {
  Options options;
  const auto help = apps::help_text(describe(options));
  const auto page = apps::man_page(describe(options));
  for (const auto* word : {"onboard", "enroll", "approve", "delete", "auto", "import"}) {
    CHECK(help.find(std::string("\n  ") + word + " ") != std::string::npos);
    CHECK(page.find(std::string(".SS ") + word + "\n") != std::string::npos);
  }
  CHECK(page.find("--allow") == std::string::npos);
  CHECK(page.find("allow\\-bad\\-registrar\\-certs") != std::string::npos);
}

TEST_CASE("a typed line falls into words as in a shell", "[apps][at_activate]") {
  using Words = std::vector<std::string>;
  CHECK(*split_words("") == Words{});
  CHECK(*split_words("  list  -s pending ") == Words{"list", "-s", "pending"});
  CHECK(*split_words("a 'b c' \"d 'e\" f\\ g ''") == Words{"a", "b c", "d 'e", "f g", ""});
  CHECK(*split_words("x\\") == Words{"x\\"});
  CHECK_FALSE(split_words("a 'b"));
}

TEST_CASE("results are printed as the reference prints them, or as JSON", "[apps][at_activate]") {
  activate::Enrolment one{"a-b", "no\x1bports", "lab", {{"sshnp", "rw"}}, "pending", "secret"};
  CHECK(as_table({one}) ==
        "Found 1 matching enrollment records\n"
        "Enrollment ID                          Status     AppName              DeviceName"
        "                             Namespaces\n"
        "a-b                                    pending    no\\x1bports          lab"
        "                                    {sshnp: rw}\n");
  CHECK(as_map(one) ==
        "{appName: no\\x1bports, deviceName: lab, namespace: {sshnp: rw}, status: pending}");
  CHECK(as_json(one) ==
        "{\"enrollmentId\":\"a-b\",\"status\":\"pending\",\"appName\":\"no\\u001bports\","
        "\"deviceName\":\"lab\",\"namespaces\":{\"sshnp\":\"rw\"}}\n");
  CHECK(as_json(std::vector<activate::Enrolment>()) == "[]\n");
  CHECK(members_as_json({{"otp", "A"}}) == "{\"otp\":\"A\"}\n");
  CHECK(status_as_json(3, "none") == "{\"status\":3,\"reason\":\"none\"}\n");
}

TEST_CASE("secrets are wiped from the command line", "[apps][at_activate][hostile]") {
  std::vector<std::string> words{"at_activate",      "-a", "@alice", "-c",           "s3cret",
                                 "--cramkey=s3cret", "-s", "A1B2C3", "-Popen sesame"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  Options options;
  options.cramkey = crypto::Secret("s3cret");
  options.passcode = "A1B2C3";
  options.key_access.passphrase =
      std::make_shared<const crypto::Secret>(std::string_view("open sesame"));
  hide_secrets(options, static_cast<int>(argv.size()), argv.data());
  for (const auto& word : words) CHECK(word.find("s3cret") == std::string::npos);
  CHECK(words[7][0] == '\0');
  CHECK(std::string(words[8].c_str()) == "-P");
  CHECK(words[2] == "@alice");
  CHECK(std::string(words[5].c_str()) == "--cramkey=");
}

TEST_CASE("the secret is read from a file without the blanks around it", "[apps][at_activate]") {
  test::TempFolder folder;
  Options options;
  options.cramkey_file = folder.write("secret", "  s3cret\r\n");
  CHECK(read_secret(options)->text() == "s3cret");
  for (const auto* text : {"", " \n", "two words", "a\x01z"}) {
    options.cramkey_file = folder.write("secret", text);
    CHECK(read_secret(options).error().code() == Errc::config);
  }
  options.cramkey_file = folder.write("secret", std::string(5000, 'x'));
  CHECK_FALSE(read_secret(options));
  options.cramkey_file = folder.path() / "none";
  CHECK_FALSE(read_secret(options));
}

TEST_CASE("at_activate: the examples of the man page", "[apps][at_activate]") {
  Options unused;
  for (auto args : test::examples_of(describe(unused))) {
    CAPTURE(args);
    const auto command = command_of(args.front());
    REQUIRE(command);
    args.erase(args.begin());
    CHECK(Read(args, *command).checked());
  }
}
