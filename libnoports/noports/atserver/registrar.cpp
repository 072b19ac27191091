// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/registrar.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <thread>

#include "noports/atserver/registrar_desk.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/store.hpp"
#include "noports/keys/registrar_calls.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

constexpr std::size_t kThreads = 8;
constexpr int kPatience = 2;  // seconds, for a request to be heard and answered

Result<std::optional<crypto::Secret>> secret_of(Store& store, const at::Atsign& atsign) {
  Database::Scope scope(store.database());
  std::optional<crypto::Secret> secret;
  if (const auto account = store.accounts.find(atsign)) {
    const auto record = store.records.find(account->id, "privatekey:at_secret");
    if (record && record->is_alive(wall_clock())) secret.emplace(std::string_view(record->value));
  }
  if (auto read = scope.finish(); !read) {
    log::error("registrar", "the platform's store cannot be read",
               {{"atsign", atsign.str()}, {"why", read.error().what()}});
    return fail(std::move(read).error());
  }
  return secret;
}

Result<void> append(const std::filesystem::path& file, std::string_view line) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written =
      fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (fd >= 0) ::close(fd);
  if (written) return {};
  return fail(Errc::io, file.string() + " cannot be written");
}

Result<void> tell(const std::string& command, std::string_view line) {
  std::FILE* const input = ::popen(command.c_str(), "we");
  if (input == nullptr) return fail(Errc::io, "--otp-command cannot be run");
  std::setvbuf(input, nullptr, _IONBF, 0);
  const bool written = std::fwrite(line.data(), 1, line.size(), input) == line.size();
  if (::pclose(input) == 0 && written) return {};
  return fail(Errc::io, "--otp-command has failed");
}

Result<void> deliver(const RegistrarOptions& options, const at::Atsign& atsign,
                     const crypto::Secret& code) {
  std::string line = atsign.str() + " " + std::string(code.text()) + "\n";
  auto done = options.otp_command ? tell(*options.otp_command, line)
                                  : append(options.otp_file.value_or("/dev/null"), line);
  crypto::wipe(line);
  if (done) {
    log::info("registrar", "a code was sent", {{"atsign", atsign.str()}});
  } else {
    log::error("registrar", "a code could not be sent",
               {{"atsign", atsign.str()}, {"why", done.error().what()}});
  }
  return done;
}

}  // namespace

struct Registrar::Parts {
  Parts(RegistrarOptions options_, std::unique_ptr<Store> store_)
      : options(std::move(options_)),
        store(std::move(store_)),
        server(options.chain.c_str(), options.key.c_str()),
        desk({[this](const at::Atsign& atsign) { return secret_of(*store, atsign); },
              [this](const at::Atsign& atsign, const crypto::Secret& code) {
                return deliver(options, atsign, code);
              },
              new_registrar_code}) {}

  RegistrarOptions options;
  std::unique_ptr<Store> store;
  httplib::SSLServer server;
  std::mutex mutex;  // of desk and store
  RegistrarDesk desk;
  std::uint16_t port = 0;
  std::thread thread;
};

Registrar::Registrar(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  auto& parts_of = *parts_;
  parts_of.server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  parts_of.server.set_payload_max_length(keys::kLongestRegistrarRequest);
  parts_of.server.set_read_timeout(kPatience);
  parts_of.server.set_write_timeout(kPatience);
  parts_of.server.set_keep_alive_max_count(4);
  parts_of.server.set_keep_alive_timeout(1);
  parts_of.server.Post(".*", [&parts_of](const httplib::Request& request,
                                         httplib::Response& response) {
    const std::lock_guard lock(parts_of.mutex);
    auto reply = parts_of.desk.answer(request.path, request.body, std::chrono::steady_clock::now());
    response.status = reply.status;
    response.set_content(reply.body, "application/json");
    crypto::wipe(reply.body);
  });
  parts_of.thread = std::thread([&parts_of] { parts_of.server.listen_after_bind(); });
}

Result<std::unique_ptr<Registrar>> Registrar::open(RegistrarOptions options) {
  auto store = Store::open_in(options.dir);
  if (!store) return fail(std::move(store).error());
  auto parts = std::make_unique<Parts>(std::move(options), *std::move(store));
  auto& server = parts->server;
  if (!server.is_valid()) {
    return fail(Errc::config, "the registrar cannot use " + parts->options.chain.string());
  }
  const auto& listen = parts->options.listen;
  const int port = parts->options.port == 0 ? server.bind_to_any_port(listen.c_str())
                   : server.bind_to_port(listen.c_str(), parts->options.port) ? parts->options.port
                                                                              : -1;
  if (port <= 0) {
    return fail(Error(Errc::busy, "the registrar cannot listen on " + listen + ":" +
                                      std::to_string(parts->options.port))
                    .hint("choose another --registrar-port"));
  }
  parts->port = static_cast<std::uint16_t>(port);
  return std::unique_ptr<Registrar>(new Registrar(std::move(parts)));
}

Registrar::~Registrar() {
  if (!parts_) return;
  parts_->server.stop();
  if (parts_->thread.joinable()) parts_->thread.join();
}

std::uint16_t Registrar::port() const noexcept { return parts_->port; }

}  // namespace noports::atserver
