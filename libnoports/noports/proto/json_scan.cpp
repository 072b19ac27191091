// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/json_scan.hpp"

#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "noports/proto/json.hpp"

namespace noports::proto::json {
namespace {

// Feeds the library's parser and knows how many bytes it has taken. The parser reads ahead behind
// numbers only, so at a brace the count is the position just behind that brace.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*taken_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* taken_;
};

// Receives the events of nlohmann::json::sax_parse; false stops the parser.
class Checker {
 public:
  explicit Checker(const std::size_t& taken) : taken_(taken) {}

  std::string reason;
  std::vector<ObjectMember> objects;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(std::int64_t) { return true; }
  bool number_unsigned(std::uint64_t) { return true; }
  bool number_float(double, const std::string&) { return true; }
  bool string(const std::string&) { return true; }
  bool binary(const std::vector<std::uint8_t>&) { return true; }

  bool start_object(std::size_t) {
    if (open_.size() == 1 && !open_.back().is_array) {
      objects.push_back(ObjectMember{last_name_, taken_ - 1, 0});
    }
    return enter(false);
  }
  bool end_object() {
    open_.pop_back();
    if (open_.size() == 1 && !open_.back().is_array) objects.back().end = taken_;
    return true;
  }
  bool start_array(std::size_t) { return enter(true); }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool key(const std::string& name) {
    if (++members_ > kMemberLimit) return stop("too many members");
    if (!open_.back().names.insert(name).second) return stop("a member stands twice in one object");
    if (open_.size() == 1) last_name_ = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return stop("not well-formed JSON");
  }

 private:
  struct Level {
    bool is_array = false;
    std::unordered_set<std::string> names;
  };

  bool enter(bool is_array) {
    if (open_.size() == kDepthLimit) return stop("JSON is nested too deeply");
    open_.push_back(Level{is_array, {}});
    return true;
  }
  bool stop(const char* why) {
    reason = why;
    return false;
  }

  const std::size_t& taken_;
  std::vector<Level> open_;
  std::string last_name_;  // of the member of the root that is being read
  std::size_t members_ = 0;
};

}  // namespace

Result<std::vector<ObjectMember>> scan(std::string_view text) {
  if (text.size() > kSizeLimit) return fail(Errc::bad_syntax, "more than 64 KiB of JSON");
  // The parser takes a NUL for the end of its input and would not look behind it.
  if (text.find('\0') != text.npos) return fail(Errc::bad_syntax, "not well-formed JSON");

  std::size_t taken = 0;
  Checker checker(taken);
  const CountingIterator begin(text.data(), &taken), end(text.data() + text.size(), &taken);
  if (!nlohmann::json::sax_parse(begin, end, &checker)) {
    return fail(Errc::bad_syntax, std::move(checker.reason));
  }
  for (const auto& member : checker.objects) {
    if (text[member.begin] != '{' || text[member.end - 1] != '}') {
      return fail(Errc::bad_syntax, "not well-formed JSON");
    }
  }
  return std::move(checker.objects);
}

}  // namespace noports::proto::json
