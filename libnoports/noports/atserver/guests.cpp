// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/guests.hpp"

#include <algorithm>

namespace noports::atserver {
namespace {

constexpr auto kWrites = Statement::Kind::writes;

constexpr const char* kTokens =
    "SELECT id, hash, ifnull(host, ''), created, "
    "ifnull((SELECT max(seen) FROM guests WHERE token = t.id), 0), "
    "(SELECT count(*) FROM guest_atsigns a JOIN guests g ON a.guest = g.id WHERE g.token = t.id) "
    "FROM join_tokens t ORDER BY created, id";
constexpr const char* kToken =
    "SELECT id, hash, ifnull(host, ''), created, 0, 0 FROM join_tokens WHERE id = ?1";

KnownToken token_of(const Rows& row) {
  return KnownToken{std::string(row.text(0)),
                    std::string(row.text(1)),
                    std::string(row.text(2)),
                    row.number(3),
                    row.number(4),
                    row.number(5)};
}

std::uint16_t port_of(const Rows& row, int column) {
  return static_cast<std::uint16_t>(row.number(column));
}

}  // namespace

Guests::Guests(Database& database)
    : add_token_(database, "INSERT INTO join_tokens(id, hash, created) VALUES(?1, ?2, ?3)",
                 kWrites),
      tokens_(database, kTokens),
      token_(database, kToken),
      remove_token_(database, "DELETE FROM join_tokens WHERE id = ?1 RETURNING id", kWrites),
      remove_guests_(database, "DELETE FROM guests WHERE token = ?1", kWrites),
      remove_atsigns_(database,
                      "DELETE FROM guest_atsigns WHERE guest IN "
                      "(SELECT id FROM guests WHERE token = ?1)",
                      kWrites),
      bind_(database, "UPDATE join_tokens SET host = ?2 WHERE id = ?1 AND host IS NULL", kWrites),
      note_(database,
            "INSERT INTO guests(id, token, host, seen) VALUES(?1, ?2, ?3, ?4) "
            "ON CONFLICT(id) DO UPDATE SET token = excluded.token, host = excluded.host, "
            "seen = excluded.seen",
            kWrites),
      of_(database, "SELECT atsign, port FROM guest_atsigns WHERE guest = ?1 ORDER BY atsign"),
      forget_(database, "DELETE FROM guest_atsigns WHERE guest = ?1", kWrites),
      put_(database,
           "INSERT INTO guest_atsigns(atsign, guest, port) VALUES(?1, ?2, ?3) "
           "ON CONFLICT DO NOTHING",
           kWrites),
      holder_(database, "SELECT guest FROM guest_atsigns WHERE atsign = ?1"),
      find_(database,
            "SELECT g.host, a.port FROM guest_atsigns a JOIN guests g ON g.id = a.guest "
            "WHERE a.atsign = ?1"),
      all_(database,
           "SELECT a.atsign, g.host, a.port FROM guest_atsigns a JOIN guests g ON g.id = a.guest "
           "ORDER BY a.atsign") {}

void Guests::add_token(const std::string& id, const std::string& hash, std::int64_t now) {
  add_token_.apply(id, hash, now);
}

std::optional<KnownToken> Guests::token(const std::string& id) {
  auto rows = token_.run(id);
  if (!rows.next()) return std::nullopt;
  return token_of(rows);
}

std::vector<KnownToken> Guests::tokens() {
  std::vector<KnownToken> all;
  auto rows = tokens_.run();
  while (rows.next()) all.push_back(token_of(rows));
  return all;
}

bool Guests::remove_token(const std::string& id) {
  remove_atsigns_.apply(id);
  remove_guests_.apply(id);
  auto rows = remove_token_.run(id);
  const bool was_there = rows.next();
  rows.next();  // to the end, so that the deletion is complete
  return was_there;
}

void Guests::note(const JoinRequest& guest, const std::string& token, std::int64_t now) {
  note_.apply(guest.guest, token, guest.host, now);
  bind_.apply(token, guest.host);
}

std::vector<HostedAtsign> Guests::of(const std::string& guest) {
  std::vector<HostedAtsign> known;
  auto rows = of_.run(guest);
  while (rows.next()) {
    auto atsign = at::Atsign::parse(rows.text(0));
    if (atsign) known.push_back(HostedAtsign{*std::move(atsign), port_of(rows, 1)});
  }
  return known;
}

bool Guests::is_of_another(const at::Atsign& atsign, const std::string& guest) {
  auto rows = holder_.run(atsign.str());
  return rows.next() && rows.text(0) != guest;
}

std::vector<RefusedAtsign> Guests::replace(const std::string& guest,
                                           const std::vector<HostedAtsign>& atsigns) {
  auto sorted = atsigns;
  std::sort(sorted.begin(), sorted.end(), [](const HostedAtsign& a, const HostedAtsign& b) {
    return a.atsign.str() < b.atsign.str();
  });
  std::vector<RefusedAtsign> refused;
  std::vector<HostedAtsign> granted;
  for (const auto& one : sorted) {
    if (is_of_another(one.atsign, guest)) {
      refused.push_back({one.atsign, "another platform has joined with it"});
    } else {
      granted.push_back(one);
    }
  }
  // Once a minute nothing has changed, and nothing is written.
  if (of(guest) == granted) return refused;
  forget_.apply(guest);
  for (const auto& one : granted) put_.apply(one.atsign.str(), guest, one.port);
  return refused;
}

std::optional<Place> Guests::find(const at::Atsign& atsign) {
  auto rows = find_.run(atsign.str());
  if (!rows.next()) return std::nullopt;
  return Place{std::string(rows.text(0)), port_of(rows, 1)};
}

std::vector<Guests::Known> Guests::all() {
  std::vector<Known> known;
  auto rows = all_.run();
  while (rows.next()) {
    auto atsign = at::Atsign::parse(rows.text(0));
    if (!atsign) continue;
    known.push_back({*std::move(atsign), Place{std::string(rows.text(1)), port_of(rows, 2)}});
  }
  return known;
}

}  // namespace noports::atserver
