// SPDX-License-Identifier: BSD-3-Clause
// The background form of a program (-x): the caller gets one line on stdout and its shell back, the
// work goes on in a process that holds none of the caller's descriptors.
#pragma once

#include <string>

#include "noports/base/result.hpp"

namespace noports::apps {

class Background {
 public:
  // Forks; call it before any thread or loop exists. Returns in the child only, whose stdin and
  // stdout are /dev/null from then on, and which still writes progress and errors to stderr. The
  // parent waits: for ready(), prints the line and leaves with 0; or for the child's end, and
  // leaves with its status. SIGINT and SIGTERM are passed on to the child. io when there is no
  // process or descriptor to be had.
  static Result<Background> enter();

  Background(Background&& other) noexcept : pipe_(other.pipe_) { other.pipe_ = -1; }
  Background& operator=(Background&&) = delete;
  ~Background();

  // Hands `line` (without its LF) to the parent and detaches: own session, stderr to /dev/null.
  // Only the first call does anything.
  void ready(const std::string& line);

 private:
  explicit Background(int pipe) : pipe_(pipe) {}
  int pipe_;  // to the parent; -1 when it has got its line
};

}  // namespace noports::apps
