// SPDX-License-Identifier: BSD-3-Clause
#include "noports/log/escape.hpp"

#include "noports/log/log.hpp"

namespace noports::log {

std::string text_of(std::exception_ptr e) {
  try {
    std::rethrow_exception(std::move(e));
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown exception";
  }
}

std::function<void(std::exception_ptr)> escapes(const char* module) {
  return [module](std::exception_ptr e) {
    error(module, "a task ended by exception", {{"what", text_of(std::move(e))}});
  };
}

}  // namespace noports::log
