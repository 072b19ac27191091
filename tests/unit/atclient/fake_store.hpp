// SPDX-License-Identifier: BSD-3-Clause
// The records of @alice's atServer, and the public keys it can look up, behind the seam `Ask`.
// Every answer takes a turn of the loop, so that questions overlap.
#pragma once

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "noports/at/verb.hpp"
#include "noports/atclient/shared_keys.hpp"

namespace noports::test {

class FakeStore {
 public:
  explicit FakeStore(asio::io_context& loop) : loop_(loop) {}

  std::map<std::string, at::Update> records;       // full key -> what was written
  std::map<std::string, std::string> public_keys;  // "@bob" -> text
  std::map<std::string, std::string> looked_up;    // "shared_key@bob" -> value
  std::vector<std::string> asked;                  // the commands, in order
  std::optional<Error> fails;                      // every answer while it is set

  std::size_t count(std::string_view beginning) const {
    std::size_t found = 0;
    for (const auto& line : asked) found += line.starts_with(beginning) ? 1 : 0;
    return found;
  }

  atclient::Ask ask() {
    return [this](at::Verb verb, net::Deadline) { return answer(std::move(verb)); };
  }

 private:
  asio::awaitable<Result<std::string>> answer(at::Verb verb) {
    asked.push_back(at::encode(verb));
    co_await asio::post(loop_, asio::use_awaitable);
    if (fails) co_return fail(*fails);
    if (const auto* update = std::get_if<at::Update>(&verb)) {
      records.insert_or_assign(update->key.str(), *update);
      co_return std::string("1");
    }
    if (const auto* own = std::get_if<at::LocalLookup>(&verb)) {
      const auto found = records.find(own->key.str());
      if (found == records.end()) co_return absent();
      if (own->part == at::Part::value) co_return found->second.value;
      co_return all(found->second);
    }
    if (const auto* open = std::get_if<at::PublicLookup>(&verb)) {
      co_return find(public_keys, open->owner.str());
    }
    const auto* lookup = std::get_if<at::Lookup>(&verb);
    if (!lookup) co_return fail(Errc::bad_syntax, "not expected here");
    co_return find(looked_up, lookup->name.str() + lookup->owner.str());
  }

  static Unexpected absent() { return fail(Errc::not_found, Hop::atserver, "no such key"); }
  static Result<std::string> find(const std::map<std::string, std::string>& in,
                                  const std::string& key) {
    const auto found = in.find(key);
    if (found == in.end()) return absent();
    return found->second;
  }
  static std::string all(const at::Update& update) {
    nlohmann::json json;
    json["data"] = update.value;
    json["metaData"]["isEncrypted"] = false;
    if (update.metadata.pub_key_cs) json["metaData"]["pubKeyCS"] = *update.metadata.pub_key_cs;
    return json.dump();
  }

  asio::io_context& loop_;
};

}  // namespace noports::test
