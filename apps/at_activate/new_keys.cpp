// SPDX-License-Identifier: BSD-3-Clause
// What works without keys: onboard, enroll, status.
#include <iostream>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/output.hpp"
#include "noports/activate/enroll.hpp"
#include "noports/activate/onboard.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

using namespace std::chrono_literals;

constexpr auto kStep = 30s;

void tell_saved(const Options& options, const std::filesystem::path& path, const std::string& id) {
  if (!options.json) {
    std::cout << "[Success] Your .atKeys file saved at " << path.string() << "\n\n" << std::flush;
    return;
  }
  std::vector<std::pair<std::string_view, std::string>> members;
  if (!id.empty()) members.emplace_back("enrollmentId", id);
  members.emplace_back("keyFile", path.string());
  std::cout << members_as_json(members) << std::flush;
}

// The number of keys-and-enrollment.md 5.4, and why.
struct Status {
  int number;
  std::string why;
};

asio::awaitable<Status> find_status(atclient::Login& login, at::Atsign self) {
  auto found = co_await login.find(net::in(kStep));
  if (!found && found.error().code() == Errc::not_set_up) {
    co_return Status{3, "atDirectory has no record for " + self.str()};
  }
  if (!found) co_return Status{4, found.error().what()};
  auto connection = co_await login.open_anonymous(net::in(kStep));
  if (!connection) {
    co_return Status{
        2, "atServer cannot be reached " + self.str() + " (" + connection.error().what() + ")"};
  }
  at::Lookup lookup{false, at::Part::value, *at::KeyName::parse("publickey"), self};
  auto key = co_await (*connection)->ask(std::move(lookup), net::in(kStep));
  if (key && *key != "null") co_return Status{0, "found public:publickey" + self.str() + " OK"};
  if (key || key.error().code() == Errc::not_found) {
    co_return Status{1, "public:publickey" + self.str() + " does not exist"};
  }
  co_return Status{2, key.error().what()};
}

}  // namespace

asio::awaitable<Result<int>> onboard(const Options& options) {
  auto path = key_path(options.key_access, *options.atsign);
  if (!path) co_return fail(std::move(path).error());
  Result<crypto::Secret> secret = crypto::Secret();
  if (has_secret(options)) secret = read_secret(options);
  if (!secret) co_return fail(std::move(secret).error());
  auto context = trust(options);
  if (!context) co_return fail(std::move(context).error());

  const auto tell = [](std::string_view text) {
    const bool is_bare = text.starts_with("Connecting ");  // as the reference prints it
    say((is_bare ? "" : "[Information] ") + std::string(text));
  };
  tell("Onboarding your atSign. This may take up to 2 minutes.");
  activate::Registrar registrar{options.registrar, *context, options.registrar_key};
  activate::Onboarding what{options.directory, *std::move(context), *options.atsign,
                            *std::move(secret), *path};
  what.ask_secret = [registrar, self = *options.atsign] { return ask_registrar(registrar, self); };
  what.passphrase = options.key_access.passphrase;
  what.retries = options.retries.value_or(what.retries);
  auto done = co_await activate::onboard(std::move(what), tell);
  if (!done) co_return fail(std::move(done).error());
  tell_saved(options, *path, "");
  co_return 0;
}

asio::awaitable<Result<int>> enroll(const Options& options) {
  auto context = trust(options);
  if (!context) co_return fail(std::move(context).error());
  activate::Enrolling what{options.directory, *std::move(context), *options.atsign};
  what.app_name = options.app;
  what.device_name = options.device;
  what.namespaces = options.namespaces;
  what.passcode = options.passcode;
  what.key_file = *options.key_access.file;
  what.expiry = options.expiry.value_or(0ms);
  what.passphrase = options.key_access.passphrase;
  what.retries = options.retries;
  activate::EnrolTold told;
  told.say = say;
  const bool prints = !options.json;
  told.submitted = [prints](const std::string& id, const std::string& code) {
    if (prints) std::cout << "Enrollment ID: " << id << "\n" << std::flush;
    say("Check code: " + code + ", the same that the approver is shown");
  };
  auto id = co_await activate::enroll(std::move(what), std::move(told));
  if (!id) co_return fail(std::move(id).error());
  tell_saved(options, *options.key_access.file, *id);
  co_return 0;
}

asio::awaitable<Result<int>> status(const Options& options) {
  auto context = trust(options);
  if (!context) co_return fail(std::move(context).error());
  atclient::Login login(options.directory, *std::move(context), *options.atsign, nullptr);
  const auto status = co_await find_status(login, *options.atsign);
  say("returning " + std::to_string(status.number) + ": " + status.why);
  if (options.json) std::cout << status_as_json(status.number, status.why) << std::flush;
  co_return status.number;
}

}  // namespace noports::apps::at_activate
