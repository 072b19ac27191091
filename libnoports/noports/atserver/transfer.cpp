// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/transfer.hpp"

#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "noports/atserver/account_tables.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/parcel.hpp"
#include "noports/atserver/store.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// --- values --------------------------------------------------------------------------------------

json to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return nullptr;
    case Value::Kind::number:
      return value.number;
    case Value::Kind::blob:
      return {{"blob", crypto::base64(value.bytes)}};
    case Value::Kind::text:
      break;
  }
  if (is_utf8(value.bytes)) return value.bytes;
  return {{"text", crypto::base64(value.bytes)}};
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

json row_of(const Rows& rows, const std::vector<std::string>& columns) {
  json row = json::object();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    row[columns[i]] = to_json(rows.value(static_cast<int>(i)));
  }
  return row;
}

// --- out -----------------------------------------------------------------------------------------

// Within a Scope of one moment. The error is the file's; the store's shows when the scope ends.
Result<void> write_rows(Database& database, const Account& account, NewFile& file) {
  const auto write = [&file](const json& line) { return file.append(line.dump() + "\n"); };
  const auto columns = account_columns(database);
  json header = {
      {"format", kParcelFormat}, {"version", kParcelVersion}, {"atsign", account.atsign.str()}};
  {
    const auto sql = "SELECT " + list_of(columns) + " FROM accounts WHERE id = ?1";
    Statement statement(database, sql.c_str());
    auto rows = statement.run(account.id);
    if (rows.next()) header["account"] = row_of(rows, columns);
  }
  auto written = write(header);
  std::int64_t count = 0;
  for (const auto& table : account_tables(database)) {
    const auto sql = "SELECT " + list_of(table.columns) + " FROM " + table.name +
                     " WHERE account = ?1 ORDER BY " + table.order;
    Statement statement(database, sql.c_str());
    auto rows = statement.run(account.id);
    while (written && rows.next()) {
      written = write({{"table", table.name}, {"row", row_of(rows, table.columns)}});
      ++count;
    }
  }
  if (written) written = write({{"rows", count}});
  return written;
}

// --- in ------------------------------------------------------------------------------------------

Error refusal(const fs::path& file, const std::string& why) {
  return Error(Errc::config, file.string() + " cannot be imported: " + why)
      .hint("export the atSign again");
}

Result<Parcel> read(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return fail(Errc::not_found, file.string() + " cannot be read");
  }
  if ((status.st_mode & 077) != 0) {
    return fail(Error(Errc::config, "others can read " + file.string() + ", which holds secrets")
                    .hint("run chmod 600 " + file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  auto parcel = read_parcel(in);
  if (!parcel) return fail(refusal(file, parcel.error().what()));
  return parcel;
}

// What keeps a parcel out; within a Scope.
std::optional<Error> objection(Store& store, const Parcel& parcel, const fs::path& file) {
  if (store.accounts.find(parcel.atsign)) {
    return Error(Errc::config, parcel.atsign.str() + " is on this platform already")
        .hint("remove it first if the file is to take its place");
  }
  if (const auto place = store.guests.find(parcel.atsign)) {
    return Store::is_a_guests(parcel.atsign, *place);
  }
  if (fits(store, parcel)) return {};
  return refusal(file, "it was made by a newer version of atplatform");
}

}  // namespace

Result<void> export_atsign(const fs::path& dir, const at::Atsign& atsign, const fs::path& file) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  auto& database = (*store)->database();
  if (auto held = database.hold_moment(); !held) return held;
  Database::Scope scope(database);
  const auto account = (*store)->accounts.find(atsign);
  if (!account) return fail(Errc::not_found, atsign.str() + " is not on this platform");
  auto made = NewFile::create(file);
  if (!made) return fail(std::move(made).error());
  auto written = write_rows(database, *account, *made);
  const auto was_read = scope.finish();
  if (!was_read) return was_read;
  if (!written) return written;
  return made->finish();
}

Result<at::Atsign> import_atsign(const fs::path& dir, const fs::path& file) {
  auto parcel = read(file);
  if (!parcel) return fail(std::move(parcel).error());
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  {
    Database::Scope scope((*store)->database());
    if (auto against = objection(**store, *parcel, file)) return fail(*std::move(against));
    put(**store, *parcel);
    if (auto done = scope.finish(); !done) return fail(std::move(done).error());
  }
  if (auto kept = (*store)->commit(); !kept) return fail(std::move(kept).error());
  return std::move(parcel->atsign);
}

}  // namespace noports::atserver
