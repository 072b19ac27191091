// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/address_book.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "fixtures.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::atclient;
using test::atsign;

namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

TEST_CASE("an address is found again by the next run", "[atclient][address_book]") {
  test::TempFolder folder;
  const auto file = folder.path() / "addresses";
  AddressBook(file, {"dir.example", 64}).keep(atsign("@alice"), {"a.example", 1001});
  AddressBook(file, {"dir.example", 64}).keep(atsign("@bob"), {"b.example", 1002});
  AddressBook later(file, {"dir.example", 64});
  CHECK(later.find(atsign("@alice")) == Address{"a.example", 1001});
  CHECK(later.find(atsign("@bob")) == Address{"b.example", 1002});
  CHECK_FALSE(later.find(atsign("@carol")));
  CHECK_FALSE(AddressBook(file, {"dir.example", 6400}).find(atsign("@alice")));

  later.keep(atsign("@alice"), {"c.example", 1003});
  CHECK(later.find(atsign("@alice")) == Address{"c.example", 1003});
  later.forget(atsign("@alice"));
  CHECK_FALSE(later.find(atsign("@alice")));
  CHECK(later.find(atsign("@bob")));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("an address that is a day old does not count", "[atclient][address_book]") {
  test::TempFolder folder;
  const auto line = [](std::int64_t told) {
    BookLine one{"dir.example:64", atsign("@alice"), {"a.example", 1001}, told};
    return encode(one) + "\n";
  };
  AddressBook book(folder.path() / "addresses", {"dir.example", 64});
  folder.write("addresses", line(now() - 60));
  CHECK(book.find(atsign("@alice")));
  folder.write("addresses", line(now() - AddressBook::kOldest - 60));
  CHECK_FALSE(book.find(atsign("@alice")));
  folder.write("addresses", line(now() + 3'600));  // the clock was wrong
  CHECK_FALSE(book.find(atsign("@alice")));
}

TEST_CASE("a book that cannot be used is an empty one", "[atclient][address_book][hostile]") {
  test::TempFolder folder;
  AddressBook none(folder.path() / "no" / "such" / "folder", {"dir.example", 64});
  none.keep(atsign("@alice"), {"a.example", 1001});
  CHECK_FALSE(none.find(atsign("@alice")));

  folder.write("addresses", std::string(100'000, 'x') + "\nnonsense\n\n");
  AddressBook junk(folder.path() / "addresses", {"dir.example", 64});
  CHECK_FALSE(junk.find(atsign("@alice")));
  junk.keep(atsign("@alice"), {"a.example", 1001});
  CHECK(junk.find(atsign("@alice")));
}

TEST_CASE("the book does not grow without end", "[atclient][address_book][hostile]") {
  test::TempFolder folder;
  AddressBook book(folder.path() / "addresses", {"dir.example", 64});
  for (std::size_t i = 0; i < AddressBook::kMost + 10; ++i) {
    book.keep(atsign("@s" + std::to_string(i)), {"a.example", 1001});
  }
  std::ifstream in(folder.path() / "addresses");
  std::size_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  CHECK(lines == AddressBook::kMost);
}

TEST_CASE("what is no line of a book is refused", "[atclient][address_book][hostile]") {
  CHECK(decode_book_line("d:64 @alice a.example:1001 5"));
  const auto line = GENERATE(as<std::string>{}, "", "d:64 @alice a.example:1001", "d:64 @ a:1 5",
                             "d:64 @alice null 5", "d:64 @alice a:0 5", "d:64 @alice a:1 x",
                             "d:64 @alice a:1 5 6", " @alice a:1 5", "\x1b[0m @alice a:1 5");
  CHECK_FALSE(decode_book_line(line));
}
