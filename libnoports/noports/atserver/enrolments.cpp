// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/enrolments.hpp"

#include "noports/atserver/access.hpp"
#include "noports/atserver/enrolment_names.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

std::optional<KeptEnrolment> read(Turn& turn, std::string_view id, const std::string& key) {
  auto record = turn.store.records.find(turn.account(), key);
  if (!record) return std::nullopt;
  auto enrolment = decode_enrolment(id, record->value);
  if (!enrolment) return std::nullopt;
  const bool expired = !record->is_alive(turn.moment.now);
  return KeptEnrolment{*std::move(enrolment), *std::move(record), expired};
}

}  // namespace

std::optional<KeptEnrolment> find_enrolment(Turn& turn, std::string_view id) {
  const auto key = enrolment_key(id, turn.self().str());
  const auto known = enrolment_of(key);
  if (!known) return std::nullopt;
  return read(turn, *known, key);
}

std::vector<KeptEnrolment> all_enrolments(Turn& turn) {
  std::vector<KeptEnrolment> all;
  const auto end = enrolment_key("", turn.self().str());
  for (const auto& key : turn.store.records.keys_ending(turn.account(), end)) {
    const auto id = enrolment_of(key);
    if (!id) continue;
    if (auto kept = read(turn, *id, key)) all.push_back(*std::move(kept));
  }
  return all;
}

void keep_enrolment(Turn& turn, KeptEnrolment kept) {
  kept.record.value = encode(kept.enrolment);
  kept.record.updated = turn.moment.now;
  ++kept.record.version;
  turn.store.records.put(turn.account(), kept.record);
}

void put_own(Turn& turn, std::string key, std::string value, std::optional<std::int64_t> expires) {
  Record record;
  record.key = std::move(key);
  record.value = std::move(value);
  record.created = record.updated = turn.moment.now;
  record.expires = expires;
  turn.store.records.put(turn.account(), record);
}

Reply forbidden(const Turn& turn, std::string_view what, std::string_view key) {
  const auto& id = turn.state.enrollment;
  return Reply::refuse("AT0009", not_authorized(id.value_or("none"), what, key));
}

Reply refuse_enroll(std::string text) { return Reply::refuse("AT0011", std::move(text)); }

Reply no_such_enrolment(std::string_view id) {
  return Reply::refuse_shape3("AT0028",
                              "enrollment_id: " + printable(id) + " is expired or invalid");
}

std::variant<std::string, Reply> enrolled_key(Turn& turn, const std::string& enrollment) {
  const auto kept = find_enrolment(turn, enrollment);
  if (!kept || kept->expired) return no_such_enrolment(enrollment);
  const auto refuse = [&](const char* code) {
    return Reply::refuse_shape3(
        code, "enrollment_id: " + printable(enrollment) + " is " + std::string(kept->state()));
  };
  switch (kept->enrolment.state) {
    case Enrolment::State::denied:
      return refuse("AT0025");
    case Enrolment::State::pending:
      return refuse("AT0026");
    case Enrolment::State::revoked:
      return refuse("AT0027");
    case Enrolment::State::approved:
      break;
  }
  return kept->enrolment.key;
}

bool refresh_grant(Turn& turn) {
  auto& state = turn.state;
  // A CRAM connection stays the owner's, with its enrolment made (keys-and-enrollment.md 3.5).
  if (!state.is_owner || state.by_cram || !state.enrollment) {
    state.grant.reset();
    state.grant_ends.reset();
    return true;
  }
  auto kept = find_enrolment(turn, *state.enrollment);
  const bool good = kept && !kept->expired && kept->enrolment.state == Enrolment::State::approved;
  if (!good) return false;
  state.grant = std::move(kept->enrolment);
  state.grant_ends = kept->record.expires;
  return true;
}

}  // namespace noports::atserver
