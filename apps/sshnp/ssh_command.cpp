// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/ssh_command.hpp"

namespace noports::apps::sshnp {

std::vector<std::string> ssh_command(const Options& options, std::uint16_t port,
                                     const std::string& user) {
  std::vector<std::string> words{"ssh", "-p", std::to_string(port)};
  if (options.identity) {
    words.insert(words.end(),
                 {"-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes"});
  }
  words.insert(words.end(), options.ssh_options.begin(), options.ssh_options.end());
  words.push_back(user.empty() ? "localhost" : user + "@localhost");
  if (options.identity) words.insert(words.end(), {"-i", options.identity->native()});
  return words;
}

std::string as_line(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace noports::apps::sshnp
