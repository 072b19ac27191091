// SPDX-License-Identifier: BSD-3-Clause
// interactive: a prompt for the commands that work on the owner's connection.
#include <iostream>
#include <memory>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/words.hpp"
#include "common/run.hpp"
#include "noports/base/text.hpp"
#include "noports/net/offload.hpp"

namespace noports::apps::at_activate {
namespace {

struct Line {
  std::string text;
  bool is_end = false;
};

// Away from the loop, which goes on to hear SIGINT: nothing else interrupts a read of stdin.
asio::awaitable<Line> read_line() {
  const auto line = std::make_shared<Line>();
  std::function<void()> work = [line] { line->is_end = !std::getline(std::cin, line->text); };
  const bool ran = co_await net::detail::run_detached(std::move(work));
  if (!ran) line->is_end = true;
  co_return *line;
}

// What holds for every line: whose atSign, how to reach it, how to print.
Options same_account(const Options& options) {
  Options fresh;
  fresh.atsign = options.atsign;
  fresh.key_access = options.key_access;
  fresh.ca_file = options.ca_file;
  fresh.directory = options.directory;
  fresh.json = options.json;
  fresh.attempts = options.attempts;
  return fresh;
}

Result<Command> allowed(const std::string& word) {
  const auto command = command_of(word);
  if (!command) return fail(Errc::config, "Unknown command: " + printable(word));
  if (!needs_session(*command) || *command == Command::interactive) {
    return fail(Errc::config,
                "The \"" + word + "\" command may not be used in interactive session");
  }
  return *command;
}

asio::awaitable<Result<int>> run_line(Session& session, const Options& options,
                                      std::vector<std::string> words) {
  auto command = allowed(words.front());
  if (!command) co_return fail(std::move(command).error());
  words.erase(words.begin());
  auto mine = same_account(options);
  auto program = describe(*command, mine);
  for (auto& option : program.options) {
    if (option.names == "-a,--atsign") option.required = false;  // it is given already
  }
  auto parsed = parse(program, words);
  if (!parsed) co_return fail(std::move(parsed).error());
  if (parsed->done) {
    std::cout << parsed->output << std::flush;
    co_return 0;
  }
  mine.atsign = options.atsign;
  auto checked = check(*command, mine, parsed->positional);
  if (!checked) co_return fail(std::move(checked).error());
  co_return co_await run_in(session, *command, mine);
}

}  // namespace

asio::awaitable<Result<int>> interactive(Session& session, const Options& options) {
  for (;;) {
    std::cerr << "$ " << std::flush;
    auto line = co_await read_line();
    if (line.is_end) break;
    auto words = split_words(line.text);
    if (!words) {
      report("at_activate", words.error());
      continue;
    }
    if (words->empty()) continue;
    if (words->front() == "exit" || words->front() == "quit") break;
    if (words->front() == "help") {
      Options unused;
      std::cout << help_text(describe(unused)) << std::flush;
      continue;
    }
    auto done = co_await run_line(session, options, *std::move(words));
    if (!done) report("at_activate", done.error());
  }
  co_return 0;
}

}  // namespace noports::apps::at_activate
