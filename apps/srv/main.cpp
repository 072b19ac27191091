// SPDX-License-Identifier: BSD-3-Clause
// srv: the connector as a program of its own.
#include <cstdio>
#include <utility>

#include "common/run.hpp"
#include "srv/connector.hpp"
#include "srv/options.hpp"
#include "srv/secrets.hpp"

using namespace noports;

namespace {

constexpr int kFailed = 200;  // what callers of the reference know (cli-and-packaging.md 1.7)

// The words by which a caller knows that it may go on.
void tell_ready() { std::fputs("rv started successfully\n", stderr); }

asio::awaitable<Result<int>> srv(const apps::srv::Options& options, bridge::Leg leg) {
  auto ended = co_await apps::srv::connect_ends(options, std::move(leg), tell_ready);
  if (ended) co_return *ended;
  std::fprintf(stderr, "Exception running srv : %s\n", ended.error().what().c_str());
  co_return kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  const auto secrets = apps::srv::take_secrets();
  apps::srv::Options options;
  if (const auto status = apps::begin(apps::srv::describe(options), argc, argv)) return *status;
  auto leg = apps::srv::make_leg(options, secrets);
  if (!leg) return apps::report("srv", leg.error());
  return apps::run("srv", [&] { return srv(options, *std::move(leg)); });
}
