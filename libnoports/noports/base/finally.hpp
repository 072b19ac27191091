// SPDX-License-Identifier: BSD-3-Clause
// What is done at the end of a scope, however it is left: a coroutine may be destroyed while it
// waits.
//
//   ++asking_;
//   const Finally done([this] { --asking_; });
#pragma once

#include <utility>

namespace noports {

// `Done` is called once, on destruction, and must not throw.
template <class Done>
class Finally {
 public:
  explicit Finally(Done done) : done_(std::move(done)) {}
  ~Finally() { done_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  Done done_;
};

}  // namespace noports
