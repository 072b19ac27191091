// SPDX-License-Identifier: BSD-3-Clause
// SQLite as the store uses it: prepared statements, and writes of many requests in one transaction.
//
// Calls do not fail one by one. Within a Scope (one request) the first failure is remembered, what
// follows does nothing, and Scope::finish() tells once whether the whole of it was done; if not, it
// leaves nothing behind. What finished scopes have written is durable after commit().
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace noports::atserver {

class Database {
 public:
  // Opens or makes the file (0600; WAL, synchronous=FULL); an empty path is a database in memory.
  // `schema` is run on a new file; `version` is what it makes. config when the file is of another
  // version, io otherwise.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const char* schema, int version);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One request. Not nested. Without finish() it is undone.
  class Scope {
   public:
    explicit Scope(Database& database);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Result<void> finish();

   private:
    Database& database_;
    bool open_ = true;
  };

  // Whether something was written that commit() has not made durable yet.
  bool dirty() const noexcept { return batch_; }
  // What is read from here to commit() is of one moment, whoever writes meanwhile. We must not.
  Result<void> hold_moment();
  // A number that changes when somebody else, not this Database, has written to the file.
  std::int64_t others_version();
  // Makes everything durable that finished scopes have written; io when it is lost instead.
  Result<void> commit();

 private:
  friend class Statement;
  friend class Rows;
  explicit Database(sqlite3* handle) : handle_(handle) {}
  Result<void> prepare_file(const char* schema, int version);
  bool execute(const char* sql);
  void begin_write();
  Result<void> end_scope(bool keep);
  void note_failure();

  sqlite3* handle_;
  bool batch_ = false;      // a transaction is open
  bool scope_ = false;      // a Scope is alive
  bool savepoint_ = false;  // it has written
  bool lost_ = false;       // SQLite gave up the whole transaction
  std::string failure_;     // of this scope; empty: none
};

// A value of any column. `bytes` of texts and blobs.
struct Value {
  enum class Kind { null, number, text, blob };
  Kind kind = Kind::null;
  std::int64_t number = 0;
  std::string bytes;
  bool operator==(const Value&) const = default;
};

// The run of one statement: its rows, one after the other. Ends (resets) with its life.
class Rows {
 public:
  Rows(Database& database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next();                              // false at the end and after a failure
  std::string_view text(int column) const;  // until the next next()
  std::int64_t number(int column) const;
  std::optional<std::int64_t> maybe_number(int column) const;
  Value value(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_;  // null: could not be prepared or bound
};

// Prepared at its first use. A statement that changes something says `writes`.
class Statement {
 public:
  enum class Kind { reads, writes };
  Statement(Database& database, const char* sql, Kind kind = Kind::reads)
      : database_(database), sql_(sql), kind_(kind) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds the values in order and starts. Values are numbers, texts (which must live until the
  // rows are read) and optional numbers. One run at a time.
  template <class... Values>
  Rows run(const Values&... values) {
    start();
    int index = 0;
    (bind(++index, values), ...);
    return Rows(database_, statement_);
  }
  // The same for columns that are known only when it runs; `values` lives as long as the rows.
  Rows run_with(const std::vector<Value>& values);
  // For statements without rows.
  template <class... Values>
  void apply(const Values&... values) {
    auto rows = run(values...);
    rows.next();
  }

 private:
  void start();
  void bind(int index, std::string_view text);
  void bind(int index, std::int64_t number);
  void bind(int index, const std::optional<std::int64_t>& number);
  void bind(int index, const Value& value);

  Database& database_;
  const char* sql_;
  Kind kind_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace noports::atserver
