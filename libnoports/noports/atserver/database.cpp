// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

namespace noports::atserver {
namespace {

// How long a write waits for another process (`atplatform add`), whose transactions last
// milliseconds.
constexpr int kBusyMilliseconds = 5000;

Unexpected storage(std::string what) { return fail(Errc::io, "the store: " + std::move(what)); }

// SQLite gives its companions (-wal, -shm) the mode of the file, so it is made here, private. One
// that is there is not opened: the close would take away the locks that another connection of this
// process has on it (fcntl, POSIX), and other processes would take the store for unused.
Result<void> make_private(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
  } else if (errno != EEXIST) {
    return fail(Errc::io, "open " + file.string() + ": " + std::strerror(errno));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file,
                                                 const char* schema, int version) {
  if (!file.empty()) {
    if (auto made = make_private(file); !made) return fail(std::move(made).error());
  }
  const std::string name = file.empty() ? ":memory:" : file.string();
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (opened != SQLITE_OK) return fail(Errc::io, "open " + name + ": " + sqlite3_errstr(opened));
  if (auto ready = database->prepare_file(schema, version); !ready) {
    return fail(std::move(ready).error().during("opening " + name));
  }
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<void> Database::prepare_file(const char* schema, int version) {
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  // foreign_keys: a connection of an atSign that was removed meanwhile leaves nothing behind.
  // secure_delete: a deleted CRAM secret is overwritten, not only forgotten.
  if (!execute("PRAGMA journal_mode=WAL") || !execute("PRAGMA synchronous=FULL") ||
      !execute("PRAGMA secure_delete=ON") || !execute("PRAGMA temp_store=MEMORY") ||
      !execute("PRAGMA foreign_keys=ON") || !execute("BEGIN IMMEDIATE")) {
    return storage(std::exchange(failure_, {}));
  }
  std::int64_t found = 0;
  {
    Statement pragma(*this, "PRAGMA user_version");
    auto rows = pragma.run();
    if (rows.next()) found = rows.number(0);
  }
  if (found == 0) {
    const std::string mark = "PRAGMA user_version=" + std::to_string(version);
    if (execute(schema) && execute(mark.c_str())) found = version;
  }
  if (!execute("COMMIT") || !failure_.empty()) return storage(std::exchange(failure_, {}));
  if (found != version) {
    return fail(Error(Errc::config, "it was made by another version of this program")
                    .hint("use the version that made it"));
  }
  return {};
}

bool Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  note_failure();
  return false;
}

void Database::note_failure() {
  if (failure_.empty()) failure_ = sqlite3_errmsg(handle_);
}

void Database::begin_write() {
  assert(scope_);
  if (lost_) {
    if (failure_.empty()) failure_ = "the transaction was given up";
    return;
  }
  if (!failure_.empty()) return;
  // IMMEDIATE: the lock is taken here or not at all, so that a later write cannot find it taken.
  if (!batch_) batch_ = execute("BEGIN IMMEDIATE");
  if (batch_ && !savepoint_) savepoint_ = execute("SAVEPOINT request");
}

Result<void> Database::end_scope(bool keep) {
  scope_ = false;
  if (savepoint_) {
    savepoint_ = false;
    // SQLite may have rolled back everything by itself, e.g. on a full disk.
    if (sqlite3_get_autocommit(handle_) != 0) {
      lost_ = true;
    } else if (!keep || !failure_.empty()) {
      execute("ROLLBACK TO request");
      execute("RELEASE request");
    } else {
      execute("RELEASE request");
    }
  }
  if (failure_.empty()) return {};
  return storage(std::exchange(failure_, {}));
}

Result<void> Database::hold_moment() {
  assert(!scope_ && !batch_);
  // The moment is that of the first read.
  batch_ = execute("BEGIN") && execute("SELECT count(*) FROM sqlite_schema");
  if (batch_) return {};
  return storage(std::exchange(failure_, {}));
}

std::int64_t Database::others_version() {
  Statement pragma(*this, "PRAGMA data_version");
  auto rows = pragma.run();
  return rows.next() ? rows.number(0) : 0;
}

Result<void> Database::commit() {
  assert(!scope_);
  if (!batch_) return {};
  batch_ = false;
  if (std::exchange(lost_, false)) return storage("the transaction was given up");
  if (execute("COMMIT")) return {};
  if (sqlite3_get_autocommit(handle_) == 0) execute("ROLLBACK");
  return storage(std::exchange(failure_, {}));
}

Database::Scope::Scope(Database& database) : database_(database) {
  assert(!database_.scope_);
  database_.scope_ = true;
}

Database::Scope::~Scope() {
  if (open_) static_cast<void>(database_.end_scope(false));
}

Result<void> Database::Scope::finish() {
  open_ = false;
  return database_.end_scope(true);
}

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Rows::next() {
  if (statement_ == nullptr || !database_.failure_.empty()) return false;
  const int step = sqlite3_step(statement_);
  if (step == SQLITE_ROW) return true;
  if (step != SQLITE_DONE) database_.note_failure();
  return false;
}

std::string_view Rows::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Rows::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> Rows::maybe_number(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

Value Rows::value(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL:
      return {};
    case SQLITE_INTEGER:
      return {Value::Kind::number, number(column), {}};
    case SQLITE_BLOB:
      return {Value::Kind::blob, 0, std::string(text(column))};
    default:
      return {Value::Kind::text, 0, std::string(text(column))};
  }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::start() {
  if (kind_ == Kind::writes) database_.begin_write();
  if (statement_ != nullptr) return;
  if (sqlite3_prepare_v3(database_.handle_, sql_, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                         nullptr) != SQLITE_OK) {
    database_.note_failure();
  }
}

Rows Statement::run_with(const std::vector<Value>& values) {
  start();
  int index = 0;
  for (const auto& value : values) bind(++index, value);
  return Rows(database_, statement_);
}

void Statement::bind(int index, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return bind(index, std::optional<std::int64_t>());
    case Value::Kind::number:
      return bind(index, value.number);
    case Value::Kind::text:
      return bind(index, std::string_view(value.bytes));
    case Value::Kind::blob:
      if (sqlite3_bind_blob64(statement_, index, value.bytes.data(), value.bytes.size(),
                              SQLITE_STATIC) != SQLITE_OK) {
        database_.note_failure();
      }
  }
}

void Statement::bind(int index, std::string_view text) {
  // Never null for an empty text; the caller keeps the bytes, hence SQLITE_STATIC.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  if (sqlite3_bind_text64(statement_, index, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
      SQLITE_OK) {
    database_.note_failure();
  }
}

void Statement::bind(int index, std::int64_t number) {
  if (sqlite3_bind_int64(statement_, index, number) != SQLITE_OK) database_.note_failure();
}

void Statement::bind(int index, const std::optional<std::int64_t>& number) {
  if (number) return bind(index, *number);
  if (sqlite3_bind_null(statement_, index) != SQLITE_OK) database_.note_failure();
}

}  // namespace noports::atserver
