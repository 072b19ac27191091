// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/framer.hpp"

#include <catch2/catch.hpp>

using namespace noports;

TEST_CASE("lines come out however the bytes were cut", "[base][framer]") {
  const std::string stream = "one\ntwo\r\n\nthree\n";
  const auto cut = GENERATE(1, 2, 3, 5, 100);
  CAPTURE(cut);
  Framer framer(10);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < stream.size(); at += static_cast<std::size_t>(cut)) {
    framer.feed(std::string_view(stream).substr(at, static_cast<std::size_t>(cut)));
    for (;;) {
      auto line = framer.next();
      REQUIRE(line);
      if (!*line) break;
      lines.push_back(**line);
    }
  }
  CHECK(lines == std::vector<std::string>{"one", "two", "", "three"});
}

TEST_CASE("a line beyond the limit is an error at once", "[base][framer][hostile]") {
  Framer framer(4);
  framer.feed("12345");
  CHECK(framer.next().error().code() == Errc::bad_syntax);
  framer.feed("\nok\n");
  CHECK_FALSE(framer.next());
}

TEST_CASE("bytes behind the last line are handed over", "[base][framer]") {
  Framer framer(100);
  framer.feed("auth line\nSSH-2.0");
  CHECK(framer.next()->value() == "auth line");
  CHECK(framer.pending() == "SSH-2.0");
  CHECK(framer.take_pending() == "SSH-2.0");
  CHECK(framer.pending().empty());
}
