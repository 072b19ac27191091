// SPDX-License-Identifier: BSD-3-Clause
// The program atplatform in a process of its own, and raw protocol lines to talk to it.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "support/temp_folder.hpp"
#include "unit/atserver/running.hpp"

namespace noports::test {

class PlatformProcess {
 public:
  // NOPORTS_ATPLATFORM names the program.
  PlatformProcess() { start(); }
  ~PlatformProcess();
  PlatformProcess(const PlatformProcess&) = delete;
  PlatformProcess& operator=(const PlatformProcess&) = delete;

  void start();  // returns when it serves
  void kill();   // SIGKILL, and its end
  int stop();    // SIGTERM; its exit status

  std::filesystem::path dir() const { return folder_.path() / "platform"; }
  std::uint16_t directory_port() const noexcept { return port_; }
  std::uint16_t port_of(const std::string& name);
  // Resident memory, in bytes.
  std::size_t memory() const;

  // `name` without '@'. What Running has under the same names.
  void activate(const std::string& name);
  std::unique_ptr<RawClient> login(const std::string& name, std::uint16_t port);
  std::unique_ptr<RawClient> login(const std::string& name) { return login(name, port_of(name)); }

  asio::io_context loop;
  net::TlsContext tls;

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int out_ = -1;  // its standard output
  std::uint16_t port_ = 0;
};

}  // namespace noports::test
