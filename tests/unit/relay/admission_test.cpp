// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/admission.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using relay::Admission;
using Verdict = relay::Admission::Verdict;

namespace {

at::Atsign atsign(const char* text) { return *at::Atsign::parse(text); }

proto::LeaseRequest request() {
  return proto::LeaseRequest{*proto::SessionId::parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
                             atsign("@client"),
                             atsign("@device"),
                             true,
                             true,
                             "nonce",
                             proto::RelayAuthMode::payload,
                             {},
                             false,
                             true,
                             {},
                             true};
}

}  // namespace

TEST_CASE("a client that speaks for itself is admitted", "[relay][admission]") {
  CHECK(relay::admit(request(), atsign("@client"), {}, {}).verdict == Verdict::admit);
}

TEST_CASE("a request in somebody else's name is ignored", "[relay][admission][hostile]") {
  const auto admission = relay::admit(request(), atsign("@mallory"), {}, {});
  CHECK(admission.verdict == Verdict::ignore);
  CHECK(admission.reason.find("@client") != std::string::npos);
}

TEST_CASE("a private relay looks at the sender, not at the request",
          "[relay][admission][hostile]") {
  relay::Rules rules;
  rules.manager = atsign("@boss");
  CHECK(relay::admit(request(), atsign("@client"), rules, {}).verdict == Verdict::ignore);
  auto forged = request();
  forged.client = atsign("@boss");
  CHECK(relay::admit(forged, atsign("@client"), rules, {}).verdict == Verdict::ignore);
  CHECK(relay::admit(forged, atsign("@boss"), rules, {}).verdict == Verdict::admit);
}

TEST_CASE("two sides of which neither authenticates are not joined",
          "[relay][admission][hostile]") {
  auto open = request();
  open.authenticate_client = open.authenticate_device = false;
  CHECK(relay::admit(open, atsign("@client"), {}, {}).verdict == Verdict::refuse);
  open.authenticate_client = true;
  CHECK(relay::admit(open, atsign("@client"), {}, {}).verdict == Verdict::admit);
}

TEST_CASE("what this relay cannot serve is refused with the reason", "[relay][admission]") {
  auto single_port = request();
  single_port.only_443 = true;
  CHECK(relay::admit(single_port, atsign("@client"), {}, {}).reason ==
        "Client requested port 443 but this relay is not bound to port 443");
  relay::Rules rules;
  rules.has_single_port = true;
  CHECK(relay::admit(single_port, atsign("@client"), rules, {}).verdict == Verdict::refuse);
  single_port.auth_aes_key = "oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=";
  CHECK(relay::admit(single_port, atsign("@client"), rules, {}).verdict == Verdict::admit);
  single_port.authenticate_device = false;
  CHECK(relay::admit(single_port, atsign("@client"), rules, {}).verdict == Verdict::refuse);
  auto escr = request();
  escr.auth_mode = proto::RelayAuthMode::escr;
  const auto admission = relay::admit(escr, atsign("@client"), {}, {});
  CHECK(admission.verdict == Verdict::refuse);
  CHECK(admission.reason == "ESCR authentication needs a relayAuthAesKey");
  escr.auth_aes_key = "oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=";
  CHECK(relay::admit(escr, atsign("@client"), {}, {}).verdict == Verdict::admit);
}

TEST_CASE("a live session's id is not served twice", "[relay][admission][hostile]") {
  relay::Ledger ledger;
  ledger.enter(request().session, atsign("@client"));
  CHECK(relay::admit(request(), atsign("@client"), {}, ledger).verdict == Verdict::ignore);
  ledger.leave(request().session, atsign("@client"));
  CHECK(relay::admit(request(), atsign("@client"), {}, ledger).verdict == Verdict::admit);
}

TEST_CASE("one client cannot take the whole relay", "[relay][admission][hostile]") {
  relay::Ledger ledger;
  relay::Rules rules;
  rules.sessions_per_client = 2;
  rules.sessions = 3;
  ledger.enter(proto::SessionId::fresh(), atsign("@client"));
  ledger.enter(proto::SessionId::fresh(), atsign("@client"));
  CHECK(relay::admit(request(), atsign("@client"), rules, ledger).verdict == Verdict::refuse);
  auto other = request();
  other.client = atsign("@other");
  CHECK(relay::admit(other, atsign("@other"), rules, ledger).verdict == Verdict::admit);
  ledger.enter(proto::SessionId::fresh(), atsign("@third"));
  CHECK(relay::admit(other, atsign("@other"), rules, ledger).verdict == Verdict::refuse);
}

TEST_CASE("the ledger forgets who left", "[relay][admission]") {
  relay::Ledger ledger;
  const auto session = proto::SessionId::fresh();
  ledger.enter(session, atsign("@a"));
  ledger.enter(session, atsign("@a"));  // the same again counts once
  CHECK(ledger.of(atsign("@a")) == 1);
  ledger.leave(session, atsign("@a"));
  ledger.leave(session, atsign("@a"));
  CHECK(ledger.of(atsign("@a")) == 0);
  CHECK(ledger.size() == 0);
}
