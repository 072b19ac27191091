// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/option_rows.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/duration.hpp"
#include "common/run.hpp"
#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate::rows {
namespace {

constexpr std::uint64_t kMostRetries = 10'000;
constexpr std::uint64_t kLongestExpiry = 3650ULL * 24 * 3600 * 1000;  // ms

Option value(std::string names, std::string placeholder, std::string help,
             std::function<Result<void>(const std::string&)> set) {
  Option option;
  option.names = std::move(names);
  option.placeholder = std::move(placeholder);
  option.help = std::move(help);
  option.set = std::move(set);
  return option;
}

}  // namespace

Option cramkey_option(Options& into) {
  auto option =
      value("-c,--cramkey", "SECRET", "the activation secret; - reads it from standard input",
            [&into](const std::string& text) -> Result<void> {
              if (text.empty()) return fail(Errc::config, "want a secret, or -");
              into.cramkey = crypto::Secret(std::string_view(text));
              return {};
            });
  option.aliases = {"--license-key"};
  option.man =
      "A secret on the command line can be read by every user of the machine while the program "
      "starts, and stays in the shell's history. Better is --cramkey-file, or - here.";
  return option;
}

Option registrar_option(Options& into) {
  auto option = value("-g,--registrarUrl", "HOST[:PORT]", "the registrar that sends the code",
                      [&into](const std::string& text) -> Result<void> {
                        auto address = activate::RegistrarAddress::parse(text);
                        if (!address) return fail(std::move(address).error());
                        into.registrar = *std::move(address);
                        return {};
                      });
  option.aliases = {"--registrar-url"};
  option.default_text = into.registrar.str();
  option.man =
      "It is asked over HTTPS, through the proxy that https_proxy names, if any, and only when no "
      "activation secret is given.";
  return option;
}

Option registrar_key_option(Options& into) {
  auto option =
      value("--registrar-api-key", "TEXT", "", [&into](const std::string& text) -> Result<void> {
        const bool is_plain = std::all_of(text.begin(), text.end(),
                                          [](unsigned char c) { return c > ' ' && c < 0x7f; });
        if (text.empty() || text.size() > 256 || !is_plain) {
          return fail(Errc::config, "want one word");
        }
        into.registrar_key = text;
        return {};
      });
  option.man = "What a registrar wants to be told in the header Authorization; nobody's secret.";
  return option;
}

Option count_option(std::string names, std::optional<std::size_t>& into, std::string help) {
  return value(std::move(names), "N", std::move(help),
               [&into](const std::string& text) -> Result<void> {
                 const auto number = parse_number(text);
                 if (!number || *number > kMostRetries) {
                   return fail(Errc::config, "want a number up to 10000");
                 }
                 into = static_cast<std::size_t>(*number);
                 return {};
               });
}

Option size_option(std::string names, std::size_t& into, std::string help) {
  auto option = value(std::move(names), "N", std::move(help),
                      [&into](const std::string& text) -> Result<void> {
                        const auto number = parse_number(text);
                        if (!number || *number == 0 || *number > kMostRetries) {
                          return fail(Errc::config, "want a number, 1 to 10000");
                        }
                        into = static_cast<std::size_t>(*number);
                        return {};
                      });
  option.default_text = std::to_string(into);
  return option;
}

Option expiry_option(Options& into, std::string help) {
  return value("-e,--expiry", "DURATION", std::move(help),
               [&into](const std::string& text) -> Result<void> {
                 // A bare number is the C tool's: milliseconds, and 0 for no end of its own.
                 if (const auto number = parse_number(text); number && *number <= kLongestExpiry) {
                   into.expiry.reset();
                   if (*number > 0) into.expiry.emplace(*number);
                   return {};
                 }
                 auto span = parse_duration(text);
                 if (!span) return fail(std::move(span).error());
                 into.expiry = *span;
                 return {};
               });
}

// A text that goes into a request: one line, for people to read.
Option label_option(std::string names, std::string& into, std::string help) {
  return value(
      std::move(names), "NAME", std::move(help), [&into](const std::string& text) -> Result<void> {
        const bool is_plain = std::none_of(text.begin(), text.end(),
                                           [](unsigned char c) { return c < ' ' || c == 0x7f; });
        if (text.empty() || text.size() > 128 || !is_plain || !is_utf8(text)) {
          return fail(Errc::config, "want a name of 1 to 128 bytes");
        }
        into = text;
        return {};
      });
}

Option optional_text(std::string names, std::optional<std::string>& into, std::string placeholder,
                     std::string help) {
  return value(std::move(names), std::move(placeholder), std::move(help),
               [&into](const std::string& text) -> Result<void> {
                 if (text.empty()) return fail(Errc::config, "want a text");
                 into = text;
                 return {};
               });
}

Option id_option(Options& into) {
  return value("-i,--enrollmentId", "ID", "the enrolment's id",
               [&into](const std::string& text) -> Result<void> {
                 const bool is_id = !text.empty() && text.size() <= 128 &&
                                    std::all_of(text.begin(), text.end(), [](unsigned char c) {
                                      return std::isalnum(c) != 0 || c == '-' || c == '_';
                                    });
                 if (!is_id) return fail(Errc::config, "want an id: letters, digits and -");
                 into.id = text;
                 return {};
               });
}

Option namespaces_option(Options& into) {
  return value("-n,--namespaces", "LIST", "what the keys are for: sshnp:rw,sshrvd:rw",
               [&into](const std::string& text) -> Result<void> {
                 auto parsed = activate::parse_namespaces(text);
                 if (!parsed) return fail(std::move(parsed).error());
                 into.namespaces = *std::move(parsed);
                 return {};
               });
}

Option status_option(Options& into) {
  auto option =
      value("-s,--enrollmentStatus", "STATUS", "pending, approved, denied, revoked or expired",
            [&into](const std::string& text) -> Result<void> {
              static constexpr std::string_view kKnown[] = {"pending", "approved", "denied",
                                                            "revoked", "expired"};
              const auto known = std::find(std::begin(kKnown), std::end(kKnown), text);
              if (known == std::end(kKnown)) return fail(Errc::config, "no such status");
              into.statuses.push_back(text);
              return {};
            });
  option.kind = Option::Kind::list;
  return option;
}

// Two switches of the reference that weaken TLS or change nothing.
Option refused_option(std::string names) {
  Option option;
  option.names = std::move(names);
  option.kind = Option::Kind::flag;
  option.man = "Recognised and refused: certificates are always verified.";
  option.set = [](const std::string&) {
    return Result<void>(fail(Error(Errc::config, "certificates are always verified here")
                                 .hint("add the registrar's CA with --ca-file")));
  };
  return option;
}

Option ignored_flag(std::string names) {
  Option option;
  option.names = std::move(names);
  option.kind = Option::Kind::flag;
  option.negatable = true;
  option.man = "Accepted for compatibility, without effect.";
  option.set = [](const std::string&) { return Result<void>(); };
  return option;
}

Option passphrase_option(Options& into) {
  auto option = value("-P,--passPhrase", "TEXT", "the key file's passphrase",
                      [&into](const std::string& text) -> Result<void> {
                        if (text.empty()) return fail(Errc::config, "want a passphrase");
                        into.key_access.passphrase =
                            std::make_shared<const crypto::Secret>(std::string_view(text));
                        return {};
                      });
  option.man =
      "Every user of the machine can read it while the program starts, and it stays in the "
      "shell's history. Better is --pass-phrase-file, or the question on the terminal.";
  return option;
}

// Of the commands that have no use for it; still it is wiped from the command line.
Option unused_cramkey_option(Options& into) {
  auto option = cramkey_option(into);
  option.help.clear();
  option.man = "Accepted for compatibility, without effect.";
  return option;
}

Option unused_option(std::string names, std::string placeholder) {
  auto option = value(std::move(names), std::move(placeholder), "",
                      [](const std::string&) { return Result<void>(); });
  option.man = "Accepted for compatibility, without effect.";
  return option;
}

Option hashing_option() {
  auto option = value("--hashingAlgoType", "NAME", "", [](const std::string& text) -> Result<void> {
    if (text == "argon2id") return {};
    return fail(Errc::config, "only argon2id makes a key of a passphrase");
  });
  option.man = "Only argon2id.";
  return option;
}

Option json_row(Options& into) {
  auto option = json_option();
  option.help = "print results and errors as JSON";
  option.set = [&into](const std::string& text) {
    into.json = text == "true";
    set_json_errors(into.json);
    return Result<void>();
  };
  return option;
}

Option key_row(Options& into) {
  auto option = path_option("-k,--keys", into.key_access.file, "the key file to use or to make");
  option.aliases = {"--key-file", "--keyFile"};
  option.default_text = "~/.atsign/keys/<atSign>_key.atKeys";
  return option;
}

Option root_row(Options& into) {
  auto option = root_server_option(into.directory);
  option.names = "-r," + option.names;
  option.aliases.push_back("--rootServer");
  return option;
}

}  // namespace noports::apps::at_activate::rows
