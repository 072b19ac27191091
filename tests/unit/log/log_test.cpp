// SPDX-License-Identifier: BSD-3-Clause
#include "noports/log/log.hpp"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <string>

using namespace noports;
using log::Level;

namespace {

// What is written to stderr while it lives.
class Captured {
 public:
  Captured() : before_(dup(2)) {
    REQUIRE(pipe(ends_.data()) == 0);
    dup2(ends_[1], 2);
  }
  ~Captured() { (void)text(); }
  std::string text() {
    if (before_ < 0) return "";
    dup2(before_, 2);
    for (const int fd : {before_, ends_[1]}) close(fd);
    before_ = -1;
    std::string all(65536, '\0');
    const auto size = read(ends_[0], all.data(), all.size());
    all.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    close(ends_[0]);
    return all;
  }

 private:
  int before_;
  std::array<int, 2> ends_ = {};
};

}  // namespace

TEST_CASE("a line is level, module, sentence and fields", "[log]") {
  const std::size_t bytes = 1234;
  CHECK(log::detail::line(Level::info, "relay", "session ends",
                          {{"session", "s1"}, {"bytes", bytes}, {"left", -1}}) ==
        "INFO relay: session ends session=s1 bytes=1234 left=-1");
  CHECK(log::detail::line(Level::error, "net", "no", {}) == "ERROR net: no");
}

TEST_CASE("values with blanks, quotes or nothing are quoted", "[log]") {
  CHECK(log::detail::line(Level::debug, "m", "s",
                          {{"a", "two words"}, {"b", ""}, {"c", "say \"x\""}, {"d", "k=v"}}) ==
        "DEBUG m: s a=\"two words\" b=\"\" c=\"say \\\"x\\\"\" d=\"k=v\"");
}

TEST_CASE("a peer's text cannot make a second line", "[log][hostile]") {
  const auto line =
      log::detail::line(Level::warn, "m", "odd\nERROR m: forged",
                        {{"from", "a\nb\x1b[2J"}, {"long", std::string(10'000, 'x')}});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.size() < 1000);
}

TEST_CASE("what is below the level is not written", "[log]") {
  log::set_level(Level::info);
  CHECK(log::enabled(Level::info));
  CHECK_FALSE(log::enabled(Level::debug));
  log::set_level(Level::off);
  CHECK_FALSE(log::enabled(Level::error));
  CHECK_FALSE(log::enabled(Level::off));
  log::set_level(Level::warn);
}

TEST_CASE("lines go to stderr with the time in front", "[log]") {
  std::string text;
  {
    Captured captured;
    log::warn("relay", "first", {{"n", 1}});
    log::info("relay", "too quiet");
    log::error("relay", "second");
    text = captured.text();
  }
  CAPTURE(text);
  const std::string time = "2026-11-25T12:00:00.000Z ";  // for its length
  const auto end = text.find('\n');
  REQUIRE(end != std::string::npos);
  CHECK(text.substr(time.size(), end - time.size()) == "WARN relay: first n=1");
  CHECK(text[10] == 'T');
  CHECK(text[23] == 'Z');
  CHECK(text.substr(end + 1 + time.size()) == "ERROR relay: second\n");
}
