// SPDX-License-Identifier: BSD-3-Clause
#include "common/duration.hpp"

#include <optional>

#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

using std::chrono::microseconds;

constexpr microseconds kMost = std::chrono::hours(24 * 3650);

std::optional<microseconds> unit(std::string_view name) {
  using namespace std::chrono_literals;
  if (name == "d") return 24h;
  if (name == "h") return 1h;
  if (name == "m") return 1min;
  if (name == "s") return 1s;
  if (name == "ms") return 1ms;
  if (name == "us") return 1us;
  return std::nullopt;
}

std::optional<microseconds> piece(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == text.npos || digits == 0) return std::nullopt;
  const auto number = parse_number(text.substr(0, digits));
  const auto one = unit(text.substr(digits));
  if (!number || !one) return std::nullopt;
  if (*number > static_cast<std::uint64_t>(kMost / *one)) return std::nullopt;
  return *one * static_cast<std::int64_t>(*number);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  using namespace std::chrono_literals;
  if (text == "0") return std::chrono::milliseconds(365 * 24h);
  microseconds sum{0};
  for (const auto part : split(text, ',')) {
    const auto span = piece(trim(part));
    if (!span || sum + *span > kMost) {
      return fail(Error(Errc::config, printable(text, 60) + " is no duration")
                      .hint("write 30s, 1h,14m,30s or 7d; 0 means 365 days"));
    }
    sum += *span;
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(sum);
}

}  // namespace noports::apps
