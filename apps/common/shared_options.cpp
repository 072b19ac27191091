// SPDX-License-Identifier: BSD-3-Clause
#include "common/shared_options.hpp"

#include <utility>

#include "common/run.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::apps {
namespace {

Option value_option(std::string names, std::string placeholder, std::string help) {
  Option option;
  option.names = std::move(names);
  option.placeholder = std::move(placeholder);
  option.help = std::move(help);
  return option;
}

Error usage(std::string what) { return Error(Errc::config, std::move(what)); }

// "host", "host:port", "[::1]:port"; "proxy:" may stand in front (noports-newer.md 16.3).
Result<atclient::Directory> parse_directory(const std::string& text) {
  std::string_view rest = text;
  std::string_view host;
  const bool is_proxy = take(rest, "proxy:");
  if (take(rest, "[")) {
    const auto end = rest.find(']');
    if (end == rest.npos) return fail(usage("want HOST or HOST:PORT"));
    host = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  } else {
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
    if (host.find_first_of(" \t/@") != host.npos) return fail(usage("want HOST or HOST:PORT"));
  }
  if (host.empty()) return fail(usage("want HOST or HOST:PORT"));
  atclient::Directory directory;
  directory.host = (is_proxy ? "proxy:" : "") + std::string(host);
  if (rest.empty()) return directory;
  const auto port = take(rest, ":") ? parse_port(rest) : std::nullopt;
  if (!port) return fail(usage("want HOST or HOST:PORT, with a port of 1 to 65535"));
  directory.port = port.value_or(directory.port);
  return directory;
}

}  // namespace

Option required(Option option) {
  option.required = true;
  return option;
}

Option negatable(Option option) {
  option.negatable = true;
  return option;
}

Option with_aliases(Option option, std::vector<std::string> aliases) {
  option.aliases = std::move(aliases);
  return option;
}

Option with_default(Option option, std::string text) {
  option.default_text = std::move(text);
  return option;
}

Option explained(Option option, std::string man) {
  option.man = std::move(man);
  return option;
}

Option completing(Option option, Completes what) {
  option.completes = what;
  return option;
}

Option flag_option(std::string names, bool& into, std::string help) {
  auto option = value_option(std::move(names), "", std::move(help));
  option.kind = Option::Kind::flag;
  option.set = [&into](const std::string& value) {
    into = value == "true";
    return Result<void>();
  };
  return option;
}

Option text_option(std::string names, std::string placeholder, std::string& into,
                   std::string help) {
  auto option = value_option(std::move(names), std::move(placeholder), std::move(help));
  option.set = [&into](const std::string& value) {
    into = value;
    return Result<void>();
  };
  return option;
}

Option text_option(std::string names, std::string placeholder, std::optional<std::string>& into,
                   std::string help) {
  auto option = value_option(std::move(names), std::move(placeholder), std::move(help));
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return fail(usage("must not be empty"));
    into = value;
    return {};
  };
  return option;
}

Option path_option(std::string names, std::optional<std::filesystem::path>& into,
                   std::string help) {
  auto option = value_option(std::move(names), "FILE", std::move(help));
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return fail(usage("want a path"));
    into = value;
    return {};
  };
  return option;
}

Option without_effect_option(Option::Kind kind, std::string names, std::string placeholder,
                             std::string why, std::vector<std::string>& used) {
  const std::string name = names.substr(names.find("--"));
  Option option;
  option.names = std::move(names);
  option.kind = kind;
  option.placeholder = std::move(placeholder);
  option.man = "Accepted for compatibility, without effect: " + std::move(why);
  option.set = [name, &used](const std::string& value) {
    if (value != "false") used.push_back(name);
    return Result<void>();
  };
  return option;
}

Option atsign_option(std::string names, std::optional<at::Atsign>& into, std::string help) {
  auto option = value_option(std::move(names), "ATSIGN", std::move(help));
  option.set = [&into](const std::string& value) -> Result<void> {
    auto atsign = at::Atsign::parse(value);
    if (!atsign) return fail(std::move(atsign).error());
    into = *std::move(atsign);
    return {};
  };
  return option;
}

Option relays_option(std::string names, std::optional<at::Atsign>& first,
                     std::vector<at::Atsign>& others) {
  Option option;
  option.names = std::move(names);
  option.placeholder = "ATSIGN,...";
  option.help = "the relay's atSign; more than one: asked in this order";
  option.man = "The next is asked when the one before refuses or is silent for three seconds.";
  option.completes = Completes::relay;
  option.set = [&first, &others](const std::string& value) -> Result<void> {
    std::vector<at::Atsign> relays;
    for (const auto name : split(value, ',')) {
      auto atsign = at::Atsign::parse(trim(name));
      if (!atsign) return fail(std::move(atsign).error());
      relays.push_back(*std::move(atsign));
    }
    first = relays.front();
    others.assign(relays.begin() + 1, relays.end());
    return {};
  };
  return option;
}

Option device_option(std::string names, std::optional<proto::DeviceName>& into, std::string help) {
  auto option = value_option(std::move(names), "NAME", std::move(help));
  option.set = [&into](const std::string& value) -> Result<void> {
    auto device = proto::DeviceName::parse(value);
    if (!device) return fail(std::move(device).error());
    into = *std::move(device);
    return {};
  };
  return option;
}

Option port_option(std::string names, std::uint16_t& into, std::uint16_t lowest, std::string help) {
  auto option = value_option(std::move(names), "PORT", std::move(help));
  option.set = [&into, lowest](const std::string& value) -> Result<void> {
    const auto number = parse_number(value);
    if (!number || *number < lowest || *number > 65535) {
      return fail(usage(printable(value, 40) + " is no port, want " + std::to_string(lowest) +
                        " to 65535"));
    }
    into = static_cast<std::uint16_t>(*number);
    return {};
  };
  return option;
}

Option seconds_option(std::string names, std::chrono::seconds& into, std::string help) {
  auto option = value_option(std::move(names), "SECONDS", std::move(help));
  option.default_text = std::to_string(into.count());
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto number = parse_number(value);
    if (!number || *number < 1 || *number > 86'400) {
      return fail(usage("want whole seconds, 1 to 86400"));
    }
    into = std::chrono::seconds(*number);
    return {};
  };
  return option;
}

Option root_server_option(atclient::Directory& into) {
  auto option = value_option("--root-server", "HOST[:PORT]", "the atDirectory to ask");
  option.aliases = {"--root-domain"};
  option.default_text = into.host + ":" + std::to_string(into.port);
  option.set = [&into](const std::string& value) -> Result<void> {
    auto directory = parse_directory(value);
    if (!directory) return fail(std::move(directory).error());
    into = *std::move(directory);
    return {};
  };
  return option;
}

Option key_file_option(std::optional<std::filesystem::path>& into) {
  auto option = path_option("-k,--key-file", into, "the .atKeys file");
  option.aliases = {"--keyFile"};
  option.default_text = "~/.atsign/keys/<atSign>_key.atKeys";
  return option;
}

Option ca_file_option(std::optional<std::filesystem::path>& into) {
  auto option = path_option("--ca-file", into, "certificates to trust besides the system's");
  option.man =
      "A PEM file that is added to the system's store. SSL_CERT_FILE and SSL_CERT_DIR replace the "
      "store, as OpenSSL reads them.";
  return option;
}

Option verbose_option() {
  auto option = value_option("-v,--verbose", "", "log what happens on stderr");
  option.kind = Option::Kind::flag;
  option.set = [](const std::string& value) {
    // Beside --debug, -v changes nothing.
    const bool is_debug = log::enabled(log::Level::debug);
    if (value == "true" && !is_debug) log::set_level(log::Level::info);
    return Result<void>();
  };
  option.negatable = true;
  return option;
}

Option debug_option() {
  auto option = value_option("--debug", "", "log each step of the protocols");
  option.kind = Option::Kind::flag;
  option.set = [](const std::string& value) {
    if (value == "true") log::set_level(log::Level::debug);
    return Result<void>();
  };
  return option;
}

Option json_option() {
  auto option = value_option("--json", "", "print an error as a JSON object");
  option.kind = Option::Kind::flag;
  option.set = [](const std::string& value) {
    set_json_errors(value == "true");
    return Result<void>();
  };
  return option;
}

std::vector<Option> account_options(KeyAccess& keys, atclient::Directory& directory,
                                    std::optional<std::filesystem::path>& ca_file) {
  auto options = key_access_options(keys);
  options.push_back(root_server_option(directory));
  options.push_back(ca_file_option(ca_file));
  return options;
}

std::vector<Option> output_options() { return {verbose_option(), debug_option(), json_option()}; }

void add(Program& program, std::vector<Option> options) {
  for (auto& option : options) program.options.push_back(std::move(option));
}

Option encrypt_option(bool& into) {
  return with_aliases(negatable(flag_option("--encrypt-rvd-traffic", into,
                                            "encrypt what passes the relay (default: on)")),
                      {"--et"});
}

Option ping_timeout_option(std::chrono::seconds& into) {
  return with_aliases(seconds_option("--daemon-ping-timeout", into,
                                     "how long to wait for the device's first answer"),
                      {"--dpt"});
}

Option quiet_option(bool& into) { return flag_option("-q,--quiet", into, "no progress lines"); }

}  // namespace noports::apps
