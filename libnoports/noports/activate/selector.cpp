// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/selector.hpp"

#include <re2/re2.h>

#include <utility>

#include "noports/base/text.hpp"

namespace noports::activate {

struct Selector::Name {
  std::string text;
  std::unique_ptr<const re2::RE2> expression;  // null: the text itself

  bool is(const std::string& name) const {
    if (!expression) return name == text;
    return re2::RE2::PartialMatch(name, *expression);
  }

  static Result<std::shared_ptr<const Name>> make(std::optional<std::string> text, bool is_regex) {
    if (!text) return std::shared_ptr<const Name>();
    auto name = std::make_shared<Name>();
    name->text = *std::move(text);
    if (is_regex) {
      re2::RE2::Options options;
      options.set_log_errors(false);
      auto expression = std::make_unique<const re2::RE2>(name->text, options);
      if (!expression->ok()) {
        return fail(Errc::config, printable(name->text) + " is no regular expression");
      }
      name->expression = std::move(expression);
    }
    return std::shared_ptr<const Name>(std::move(name));
  }
};

Result<Selector> Selector::make(std::optional<std::string> app, std::optional<std::string> device,
                                bool is_regex) {
  Selector made;
  auto first = Name::make(std::move(app), is_regex);
  if (!first) return fail(std::move(first).error());
  auto second = Name::make(std::move(device), is_regex);
  if (!second) return fail(std::move(second).error());
  made.app_ = *std::move(first);
  made.device_ = *std::move(second);
  return made;
}

bool Selector::matches(const Enrolment& one) const {
  return (!app_ || app_->is(one.app_name)) && (!device_ || device_->is(one.device_name));
}

}  // namespace noports::activate
