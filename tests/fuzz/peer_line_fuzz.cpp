// SPDX-License-Identifier: BSD-3-Clause
// Whatever another atServer says: a record of it fits into one line of ours, its challenge is
// nothing else that could be signed, and only the caller's own prompt lets the caller in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/at/answer.hpp"
#include "noports/atserver/peer_line.hpp"

using namespace noports;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_record(std::string_view text, const at::Key& key) {
  const auto record = atserver::decode_peer_record(text, key, 1);
  if (!record) return;
  check(record->key == key.str());
  at::encode(at::Data{record->value}, "@");  // throws when it is no line
  at::encode(at::Data{atserver::all_json(*record, atserver::MemberOrder::fetched)}, "@");
  // As the store keeps it.
  const auto said = at::encode(record->metadata);
  std::string_view rest = said;
  const auto again = at::take_metadata(rest);
  check(again && *again == record->metadata && rest.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const auto alice = *at::Atsign::parse("@alice");
  static const auto key = *at::Key::parse("@alice:phone.demo@bob");
  const auto pol = atserver::decode_pol_answer(input, alice);
  const bool accepted = pol.verdict == atserver::PolAnswer::Verdict::accepted;
  check(accepted == (input.starts_with("@alice@") || input.starts_with("@@alice@")));
  const auto line = atserver::decode_peer_line(input.substr(0, input.find('\n')));
  const auto* answer = line ? std::get_if<at::Data>(&*line) : nullptr;
  const std::string_view text = answer ? std::string_view(answer->text) : input;
  check_record(text, key);
  if (const auto keys = atserver::decode_peer_keys(text)) {
    for (const auto& one : *keys) check(at::Key::parse(one).has_value());
  }
  if (const auto challenge = atserver::decode_peer_challenge(text, alice)) {
    check(challenge->id.str().starts_with('_'));
    check(challenge->nonce.find_first_of(" {}\":@\n") == challenge->nonce.npos);
  }
  return 0;
}
