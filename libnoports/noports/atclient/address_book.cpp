// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/address_book.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atclient {

namespace {

constexpr std::size_t kMostLine = 1'024;  // bytes, two host names of 253 and an atSign

std::int64_t now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

}  // namespace

std::string encode(const BookLine& line) {
  return line.directory + " " + line.who.str() + " " + encode_directory_answer(line.address) + " " +
         std::to_string(line.told);
}

Result<BookLine> decode_book_line(std::string_view text) {
  const auto words = split(text, ' ');
  const auto bad = [] { return fail(Errc::bad_syntax, "that is no line of an address book"); };
  if (text.size() > kMostLine || words.size() != 4 || words[0].empty()) return bad();
  auto who = at::Atsign::parse(words[1]);
  const auto address = decode_directory_answer(words[2]);
  const auto told = parse_signed(words[3]);
  if (!who || !address || !*address || !told || printable(words[0], kMostLine) != words[0]) {
    return bad();
  }
  return BookLine{std::string(words[0]), *std::move(who), **address, *told};
}

AddressBook::AddressBook(std::filesystem::path file, const Directory& directory)
    : file_(std::move(file)), directory_(directory.host + ":" + std::to_string(directory.port)) {}

std::vector<BookLine> AddressBook::read() const {
  std::vector<BookLine> lines;
  std::ifstream in(file_);
  std::string text(kMostLine + 2, '\0');
  while (lines.size() < kMost &&
         in.getline(text.data(), static_cast<std::streamsize>(text.size()))) {
    auto line = decode_book_line(text.c_str());
    if (!line) continue;
    const auto age = now() - line->told;
    if (age >= 0 && age < kOldest) lines.push_back(*std::move(line));
  }
  return lines;
}

void AddressBook::write(const std::vector<BookLine>& lines) const {
  auto beside = file_;
  beside += "." + crypto::random_nonce();
  std::ofstream out(beside, std::ios::trunc);
  for (const auto& line : lines) out << encode(line) << '\n';
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(beside, file_, failed);
  if (out && !failed) return;
  log::debug("atclient", "the address book cannot be written", {{"file", file_.string()}});
  std::filesystem::remove(beside, failed);
}

std::optional<Address> AddressBook::find(const at::Atsign& who) const {
  for (const auto& line : read()) {
    if (line.directory == directory_ && line.who == who) return line.address;
  }
  return std::nullopt;
}

void AddressBook::replace(const at::Atsign& who, std::optional<BookLine> line) {
  auto lines = read();
  const auto size = lines.size();
  std::erase_if(lines, [&](const BookLine& known) {
    return known.directory == directory_ && known.who == who;
  });
  if (!line && lines.size() == size) return;
  if (line) lines.insert(lines.begin(), *std::move(line));
  if (lines.size() > kMost) lines.erase(lines.begin() + kMost, lines.end());
  write(lines);
}

void AddressBook::keep(const at::Atsign& who, const Address& address) {
  replace(who, BookLine{directory_, who, address, now()});
}

void AddressBook::forget(const at::Atsign& who) { replace(who, std::nullopt); }

}  // namespace noports::atclient
