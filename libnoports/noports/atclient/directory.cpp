// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/directory.hpp"

#include <algorithm>
#include <utility>

#include "noports/atclient/address_book.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/tcp.hpp"

namespace noports::atclient {

using namespace std::chrono_literals;

namespace {

constexpr auto kAttempt = 4s;           // a directory answers from memory
constexpr int kAttempts = 5;            // with pauses of 50, 100, 150, 200 ms, as the reference
constexpr auto kRemembered = 1h;        // atprotocol-wire.md 10.1
constexpr std::size_t kMostHost = 253;  // RFC 1035, 2.3.4
constexpr std::string_view kProxy = "proxy:";

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kMostHost &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

std::string directory_text(const Directory& directory) {
  return "the atDirectory " + net::endpoint_text(directory.host, directory.port);
}

// One question over an open connection. The greeting is not waited for (atprotocol-wire.md 1.8).
asio::awaitable<Result<std::string>> converse(net::Stream& stream, std::string name) {
  auto sent = co_await stream.write_all(name + "\n");
  if (!sent) co_return fail(std::move(sent).error());
  co_return co_await stream.read_line();
}

}  // namespace

Result<std::optional<Address>> decode_directory_answer(std::string_view line) {
  line = trim(line);
  while (take(line, "@")) line = trim(line);
  if (line == "null" || line == "data:null") return std::optional<Address>();
  const auto colon = line.rfind(':');
  const auto port = colon == line.npos ? std::nullopt : parse_port(line.substr(colon + 1));
  if (!port || !is_host(line.substr(0, colon))) {
    return fail(Errc::bad_syntax, Hop::directory,
                "the atDirectory answered neither an address nor \"null\"");
  }
  return std::optional<Address>(Address{std::string(line.substr(0, colon)), *port});
}

std::string encode_directory_answer(const std::optional<Address>& address) {
  return address ? address->host + ":" + std::to_string(address->port) : "null";
}

Finder::Finder(Directory directory, net::TlsContext tls, std::shared_ptr<AddressBook> book)
    : directory_(std::move(directory)), tls_(std::move(tls)), book_(std::move(book)) {}

asio::awaitable<Result<std::optional<Address>>> Finder::ask(std::string name,
                                                            net::Deadline deadline) {
  auto stream = co_await net::dial_tls(tls_, directory_.host, directory_.port, deadline);
  if (!stream) {
    // That the directory's own name has no address says nothing of the atSign: the network is down,
    // or the name is wrong. Never to be taken for "no such atSign".
    const bool is_nowhere = stream.error().code() == Errc::not_found;
    if (!is_nowhere) co_return fail(std::move(stream).error());
    co_return fail(Error(Errc::disconnected, Hop::directory, stream.error().what())
                       .hint("check the network, or the name given with --root-server"));
  }
  auto line = co_await net::before(deadline, converse(**stream, std::move(name)));
  (*stream)->close();
  if (!line) co_return fail(std::move(line).error());
  co_return decode_directory_answer(*line);
}

asio::awaitable<Result<std::optional<Address>>> Finder::ask_patiently(std::string name,
                                                                      net::Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    auto answer = co_await ask(name, std::min(deadline, net::in(kAttempt)));
    if (answer || answer.error().code() == Errc::rejected) co_return answer;
    const auto pause = attempt * 50ms;
    if (attempt == kAttempts || net::in(pause) >= deadline) co_return answer;
    log::debug("atclient", "the atDirectory does not answer, asking again",
               {{"attempt", attempt}, {"error", answer.error().what()}});
    co_await net::pause(pause);
  }
}

asio::awaitable<Result<Finder::Found>> Finder::find(at::Atsign who, net::Deadline deadline) {
  if (std::string_view host = directory_.host; take(host, kProxy)) {
    co_return Found{Address{std::string(host), directory_.port}, false};
  }
  if (auto address = remembered(who)) co_return Found{*std::move(address), true};
  const auto doing = "asking " + directory_text(directory_) + " for " + who.str();
  auto answer = co_await ask_patiently(std::string(who.name()), deadline);
  if (!answer) {
    auto error = std::move(answer).error().during(doing).at(Hop::directory);
    co_return fail(std::move(error).hint("check the network, and the name of the atDirectory"));
  }
  if (!*answer) {
    auto error = Error(Errc::not_found, Hop::directory, "it knows no such atSign").during(doing);
    co_return fail(std::move(error).hint("check the spelling of " + who.str()));
  }
  log::debug("atclient", "the atDirectory knows the atServer",
             {{"atsign", who.str()}, {"host", (*answer)->host}, {"port", (*answer)->port}});
  Known fresh{**answer, std::chrono::steady_clock::now() + kRemembered};
  known_.insert_or_assign(who, fresh);
  if (book_) book_->keep(who, fresh.address);
  co_return Found{fresh.address, false};
}

std::optional<Address> Finder::remembered(const at::Atsign& who) const {
  const auto known = known_.find(who);
  if (known != known_.end() && known->second.until > std::chrono::steady_clock::now()) {
    return known->second.address;
  }
  return book_ ? book_->find(who) : std::nullopt;
}

void Finder::forget(const at::Atsign& who) {
  known_.erase(who);
  if (book_) book_->forget(who);
}

}  // namespace noports::atclient
