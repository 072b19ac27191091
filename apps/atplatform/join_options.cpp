// SPDX-License-Identifier: BSD-3-Clause
#include "atplatform/join_options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/atserver/join_message.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::atplatform {
namespace {

Unexpected usage(std::string what) { return fail(Errc::config, std::move(what)); }

Option join_option(std::optional<atserver::Place>& into) {
  Option option;
  option.names = "--join";
  option.placeholder = "HOST:PORT";
  option.help = "take part in the directory of the atplatform at this address (serve)";
  option.man =
      "The atSigns of both are then found through both directories. That platform issues the "
      "certificate of this one, unless --tls-cert is given; see JOINING below. Belongs together "
      "with --join-token.";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto colon = value.rfind(':');
    const auto host = value.substr(0, colon);
    const auto port = colon == value.npos ? std::nullopt : parse_port(value.substr(colon + 1));
    if (!port || !atserver::is_host_name(host)) return usage("want HOST:PORT");
    into = atserver::Place{host, *port};
    return {};
  };
  return option;
}

Option join_token_option(std::optional<std::filesystem::path>& into) {
  return explained(path_option("--join-token", into, "the token with which to join (serve)"),
                   "What join-token has printed on that platform, in a file that only its user can "
                   "read.");
}

Option serve_ca_option(std::optional<std::filesystem::path>& into) {
  auto option = ca_file_option(into);
  option.man =
      "serve: of other platforms that have one directory with this one, if their certificates are "
      "of an authority that is neither the system's nor that of the platform that was joined.";
  return option;
}

Option file_option(std::optional<std::filesystem::path>& into) {
  return explained(path_option("--file", into, "write the token to this new file (join-token)"),
                   "Readable by its user alone (mode 0600).");
}

Option list_tokens_option(bool& into) {
  auto option = flag_option("--list", into, "show the tokens that there are (join-token)");
  option.man =
      "A line for each: its id, the host that joins with it (- before the first time), how many "
      "atSigns it has, and when it was here last.";
  return option;
}

Option revoke_option(std::optional<std::string>& into) {
  return explained(
      text_option("--revoke", "ID", into, "withdraw a token (join-token)"),
      "The platforms that have joined with it leave the directory at once, and cannot come back "
      "with it. Certificates that they have are good until they end, 90 days at most.");
}

}  // namespace

std::vector<Option> joining_options(Options& into) {
  return {join_option(into.join),
          join_token_option(into.join_token),
          serve_ca_option(into.ca_file),
          file_option(into.token_file),
          list_tokens_option(into.list_tokens),
          revoke_option(into.revoke)};
}

const char* joining_text() {
  return "JOINING: join-token prints a token with which another atplatform, the guest, takes part "
         "in "
         "the directory of this one, the host: serve --join HOST:PORT --join-token FILE. Each "
         "directory then answers for the atSigns of all, and clients trust the host's authority "
         "alone, which issues the guest's certificate and renews it. A guest tells the host of "
         "each "
         "change at once, and every minute that it is there; while the host is away it serves what "
         "it has. The host remembers its guests. An atSign that the host or another guest has is "
         "not "
         "taken from a guest. A host that serves with --tls-cert issues no certificates: its "
         "guests "
         "need --tls-cert too.\n\n"
         "A token is its bearer's leave to be, for all who trust this platform, the host that it "
         "names first with --host-name, whichever that is; only the name of the host's own machine "
         "is not to be had from another one. Give each machine a token of its own, as secretly as "
         "a "
         "key file. The host keeps a hash of it.";
}

Result<void> check_joining(const Options& options) {
  const bool is_serve = options.command == Command::serve;
  const bool is_token = options.command == Command::join_token;
  if (options.join.has_value() != options.join_token.has_value()) {
    return usage("--join and --join-token belong together");
  }
  if (!is_serve && (options.join || options.ca_file)) {
    return usage("--join, --join-token and --ca-file belong to serve");
  }
  if (!is_token && (options.token_file || options.list_tokens || options.revoke)) {
    return usage("--file, --list and --revoke belong to join-token");
  }
  const int things =
      (options.token_file ? 1 : 0) + (options.list_tokens ? 1 : 0) + (options.revoke ? 1 : 0);
  if (is_token && things > 1) return usage("want one of --file, --list and --revoke");
  return {};
}

}  // namespace noports::apps::atplatform
