// SPDX-License-Identifier: BSD-3-Clause
// The enrolments of @alice's atServer as the reference keeps them (atprotocol-wire.md 3.21), behind
// the sockets of FakeWorld: passcodes are used up, names are taken, keys are left by an approver.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "noports/activate/enrolment.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "unit/atclient/fake_world.hpp"

namespace noports::test {

struct EnrolServer {
  std::set<std::string> passcodes{"A1B2C3", "D4E5F6"};
  std::optional<activate::EnrolRequest> asked;
  std::string id, status;
  std::string version = "3.1.0";
  keys::Keys owner = keys_of_alice();
  bool approves_at_once = true;
  // Answers to lines of this beginning, instead of what follows.
  std::map<std::string, std::string> answers;

  static keys::Keys keys_of_alice() {
    return *keys::decode(test::vector_text("alice_key.dart.atKeys"));
  }

  std::optional<std::string> operator()(const std::string& line) {
    for (const auto& [beginning, answer] : answers) {
      if (line.starts_with(beginning)) return answer;
    }
    std::string_view rest = line;
    if (rest == "lookup:publickey@alice") return data(owner.encryption.public_key().text());
    if (take(rest, "enroll:request:")) return request(rest);
    if (take(rest, "keys:get:keyName:" + id + ".")) return kept(rest);
    const bool is_login = rest.starts_with("pkam:") && !id.empty();
    if (!is_login || rest.find("enrollmentId:" + id) == rest.npos) return std::nullopt;
    return log_in();
  }

 private:
  static std::string data(std::string_view text) { return "data:" + std::string(text) + "\n@"; }
  static std::string refuse(std::string_view text) { return "error:" + std::string(text) + "\n@"; }

  std::string request(std::string_view json) {
    const auto wanted = *activate::decode_enrol_request(json);
    if (passcodes.erase(wanted.passcode) == 0) {
      return refuse("AT0011-Exception: invalid otp. Cannot process enroll request");
    }
    if (asked && status != "denied") {
      return refuse("AT0011-Exception: Another enrollment with id " + id +
                    " exists with the app name: " + wanted.app_name +
                    " and device name: " + wanted.device_name + " in " + status + " state");
    }
    asked = wanted;
    id = crypto::random_uuid();
    status = "pending";
    return data("{\"enrollmentId\":\"" + id + "\",\"status\":\"pending\"}");
  }

  std::string log_in() {
    if (status == "approved") return data("success");
    const auto told = status;
    if (status == "pending" && approves_at_once) status = "approved";  // seen by the next one
    if (told == "denied") return refuse("AT0025:enrollment_id: " + id + " is denied");
    if (told == "revoked") return refuse("AT0027:enrollment_id: " + id + " is revoked");
    if (told == "expired") return refuse("AT0028:enrollment_id: " + id + " is expired or invalid");
    return refuse("AT0026:enrollment_id: " + id + " is pending");
  }

  std::string kept(std::string_view which) {
    const auto symmetric = *activate::unwrap_key(asked->wrapped_key, owner.encryption);
    const auto self = crypto::base64_secret(owner.self_encryption.bytes());
    const auto key = owner.encryption.text();
    const auto text = which.starts_with("default_enc") ? key.text() : self.text();
    const auto iv = crypto::random_bytes(crypto::kAesIvSize);
    const auto bytes = *crypto::encrypt_value(symmetric.bytes(), iv, text);
    return data("{\"value\":\"" + crypto::base64(bytes) + "\",\"iv\":\"" + crypto::base64(iv) +
                "\"}");
  }
};

}  // namespace noports::test
