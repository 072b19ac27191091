// SPDX-License-Identifier: BSD-3-Clause
// Who is there: from, cram, pkam, pol, enroll; and noop, @exit, the empty line.
#include <algorithm>
#include <limits>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

constexpr std::string_view kSigningAlgos[] = {"rsa2048", "ecc_secp256r1", "mldsa65"};
constexpr std::string_view kHashingAlgos[] = {"sha256", "sha512"};
constexpr std::string_view kOperations[] = {"request", "approve", "deny",   "revoke", "unrevoke",
                                            "list",    "fetch",   "delete", "listns", "update"};

template <class List>
bool is_among(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

bool is_object(std::string_view text) {
  return text.size() >= 2 && text.front() == '{' && text.back() == '}';
}

}  // namespace

std::string encode(const Empty&) { return ""; }
std::string encode(const Exit&) { return "@exit"; }
std::string encode(const Pol&) { return "pol"; }
std::string encode(const Cram& verb) { return "cram:" + verb.digest; }
std::string encode(const Noop& verb) { return "noop:" + std::to_string(verb.milliseconds); }

std::string encode(const From& verb) {
  auto line = "from:" + verb.who.str();
  if (verb.client_config) line += ":clientConfig:" + *verb.client_config;
  return line;
}

std::string encode(const Pkam& verb) {
  auto line = "pkam:signingAlgo:" + verb.signing_algo + ":hashingAlgo:" + verb.hashing_algo;
  if (verb.enrollment_id) line += ":enrollmentId:" + *verb.enrollment_id;
  return line + ":" + verb.signature;
}

std::string encode(const Enroll& verb) {
  auto line = "enroll:" + verb.operation;
  if (verb.force) line += ":force";
  if (!verb.json.empty()) line += ":" + verb.json;
  return line;
}

Result<Verb> decode_exit(std::string_view rest) {
  if (!rest.empty()) return want("nothing behind @exit");
  return Verb(Exit());
}

Result<Verb> decode_pol(std::string_view rest) {
  if (!rest.empty()) return want("nothing behind pol");
  return Verb(Pol());
}

Result<Verb> decode_from(std::string_view rest) {
  static constexpr std::string_view kForm = "from:@atSign[:clientConfig:{...}]";
  if (!take(rest, ":")) return want(kForm);
  const auto written = rest.substr(0, rest.find(':'));
  rest.remove_prefix(written.size());
  auto who = Atsign::parse(written);
  if (!who) return fail(std::move(who).error());
  From from{*std::move(who), std::nullopt};
  if (!rest.empty()) {
    if (!take_word(rest, ":clientconfig:") || !is_object(rest)) return want(kForm);
    from.client_config = std::string(rest);
  }
  return Verb(std::move(from));
}

Result<Verb> decode_cram(std::string_view rest) {
  if (!take(rest, ":") || !is_token(rest)) return want("cram:<digest>");
  return Verb(Cram{std::string(rest)});
}

Result<Verb> decode_pkam(std::string_view rest) {
  static constexpr std::string_view kForm =
      "pkam:[signingAlgo:<algo>:][hashingAlgo:<algo>:][enrollmentId:<id>:]<signature>";
  Pkam pkam;
  if (const auto algo = take_option(rest, "signingalgo")) {
    pkam.signing_algo = lower(*algo);
    if (!is_among(kSigningAlgos, pkam.signing_algo)) return want("a known signingAlgo");
  }
  if (const auto algo = take_option(rest, "hashingalgo")) {
    pkam.hashing_algo = lower(*algo);
    if (!is_among(kHashingAlgos, pkam.hashing_algo)) return want("a known hashingAlgo");
  }
  if (const auto id = take_option(rest, "enrollmentid")) {
    if (!is_token(*id)) return want(kForm);
    pkam.enrollment_id = std::string(*id);
  }
  if (!take(rest, ":") || !is_token(rest)) return want(kForm);
  pkam.signature = std::string(rest);
  return Verb(std::move(pkam));
}

Result<Verb> decode_noop(std::string_view rest) {
  const auto number = take(rest, ":") ? parse_number(rest) : std::nullopt;
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) {
    return want("noop:<milliseconds>");
  }
  return Verb(Noop{static_cast<std::uint32_t>(*number)});
}

Result<Verb> decode_enroll(std::string_view rest) {
  static constexpr std::string_view kForm = "enroll:<operation>[:force][:{...}]";
  if (!take(rest, ":")) return want(kForm);
  Enroll enroll;
  enroll.operation = lower(rest.substr(0, rest.find(':')));
  if (!is_among(kOperations, enroll.operation)) return want("a known operation");
  rest.remove_prefix(enroll.operation.size());
  enroll.force = take_flag(rest, "force");
  if (take(rest, ":")) {
    if (!is_object(rest)) return want(kForm);
    enroll.json = std::string(rest);
  }
  return Verb(std::move(enroll));
}

}  // namespace noports::at::codec
