// SPDX-License-Identifier: BSD-3-Clause
#include "common/device_list.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using client::Listed;

namespace {

Listed device(std::string_view name, std::string_view atsign, bool is_active) {
  Listed made({*at::Atsign::parse(atsign), *proto::DeviceName::parse(name)});
  made.is_active = is_active;
  return made;
}

Listed lab() {
  auto made = device("lab", "@dev", true);
  proto::PingAnswer info;
  info.device_name = "lab";
  info.version = "5.6.3";
  info.core_version = "6.2.0";
  info.allowed_services = {"localhost:22", "localhost:3389"};
  made.info = info;
  return made;
}

}  // namespace

TEST_CASE("devices are printed in the reference's form", "[apps]") {
  CHECK(apps::device_list_text({}, true) == "[X] No devices found\n");
  CHECK(apps::device_list_text({lab()}, true) ==
        "Active Devices:\n"
        "  lab - v5.6.3 (core v6.2.0)\n"
        "  - allowedServices: localhost:22 localhost:3389\n"
        "Inactive Devices:\n"
        "  No devices found\n");
  CHECK(apps::device_list_text({device("attic", "@barn", false), lab()}, false) ==
        "Active Devices:\n"
        "  lab@dev - v5.6.3 (core v6.2.0)\n"
        "  - allowedServices: localhost:22 localhost:3389\n"
        "Inactive Devices:\n"
        "  attic@barn\n");
}

TEST_CASE("devices are told as JSON on one line", "[apps]") {
  CHECK(apps::device_list_json({}) == "[]\n");
  CHECK(apps::device_list_json({lab(), device("attic", "@barn", false)}) ==
        R"([{"device":"lab","atsign":"@dev","active":true,"version":"5.6.3",)"
        R"("coreVersion":"6.2.0","group":"__none__",)"
        R"("allowedServices":["localhost:22","localhost:3389"]},)"
        R"({"device":"attic","atsign":"@barn","active":false,"version":null,)"
        R"("coreVersion":null,"group":null,"allowedServices":null}])"
        "\n");
}

TEST_CASE("what a device says of itself does nothing to the terminal", "[apps][hostile]") {
  auto bad = lab();
  bad.info->version = "1\x1b]0;x\x07";
  bad.info->core_version = "a\nb";
  bad.info->allowed_services = {"\x1b[2J", "\xff"};
  const auto text = apps::device_list_text({bad}, true);
  CHECK(text.find('\x1b') == text.npos);
  CHECK(text.find('\x07') == text.npos);
  CHECK(text.find("a\nb") == text.npos);
  CHECK(apps::device_list_json({bad}).find('\x1b') == std::string::npos);
}
