// SPDX-License-Identifier: BSD-3-Clause
// Which sessions were asked for lately, remembered over restarts of the daemon.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "noports/daemon/seen_sessions.hpp"

namespace noports::daemon {

// SeenSessions with a file of mode 0600 that is added to before an id is believed to be new, and
// written anew (beside, then renamed) at the start and from time to time, so that it stays small.
// Lasts over the process however that ends; a power cut may lose the last seconds. A file that
// cannot be read or written is said once in the log and missed, but no reason to stop: then the
// memory lasts as long as the process. One process has it at a time.
class SeenFile {
 public:
  explicit SeenFile(std::filesystem::path file);  // empty: no file
  ~SeenFile();
  SeenFile(const SeenFile&) = delete;
  SeenFile& operator=(const SeenFile&) = delete;

  bool remember(const proto::SessionId& session, SeenSessions::Time now);

 private:
  void load(SeenSessions::Time now);
  void rewrite();
  void append(const std::string& line);
  void give_up(const char* doing, int code);

  std::filesystem::path file_;
  SeenSessions seen_;
  int fd_ = -1;            // open for appending
  std::size_t lines_ = 0;  // in the file
};

}  // namespace noports::daemon
