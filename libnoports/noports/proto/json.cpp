// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/json.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "noports/proto/address.hpp"
#include "noports/proto/json_scan.hpp"

namespace noports::proto::json {
namespace {

using nlohmann::ordered_json;

std::string quote(std::string_view text) {
  // Text that is no UTF-8 cannot stand in JSON at all; replacing it beats throwing.
  return ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// The string of a member, nothing when it is none that we take.
const std::string* plain_text(const ordered_json& value, std::size_t limit) {
  const auto* text = value.get_ptr<const std::string*>();
  return text && text->size() <= limit && !has_control(*text) ? text : nullptr;
}

// Nothing for a fraction, an exponent, and what does not fit into 64 bits.
std::optional<std::int64_t> whole_number(const ordered_json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

}  // namespace

Writer& Writer::raw(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += quote(name);
  text_ += ':';
  text_ += json;
  return *this;
}

Writer& Writer::text(std::string_view name, std::string_view value) {
  return raw(name, quote(value));
}

Writer& Writer::text_or_null(std::string_view name, const std::optional<std::string>& value) {
  return value ? text(name, *value) : null(name);
}

Writer& Writer::flag(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

Writer& Writer::number(std::string_view name, std::int64_t value) {
  return raw(name, std::to_string(value));
}

Writer& Writer::texts(std::string_view name, const std::vector<std::string>& values) {
  std::string list = "[";
  for (const auto& value : values) {
    if (list.size() > 1) list += ',';
    list += quote(value);
  }
  return raw(name, list + "]");
}

Writer& Writer::null(std::string_view name) { return raw(name, "null"); }

std::string Writer::finish() { return std::move(text_) + "}"; }

struct Object::Document {
  ordered_json root;
  std::vector<ObjectMember> objects;

  const ordered_json* find(std::string_view name) const {
    const auto member = root.find(std::string(name));
    return member == root.end() || member->is_null() ? nullptr : &*member;
  }
};

Object::Object(std::unique_ptr<Document> document, std::string_view text, std::string_view what)
    : document_(std::move(document)), text_(text), what_(what) {}
Object::Object(Object&&) noexcept = default;
Object::~Object() = default;

Result<Object> Object::parse(std::string_view text, std::string_view what) {
  auto objects = scan(text);
  if (!objects) return fail(std::move(objects).error().during(what));
  auto document = std::make_unique<Document>();
  document->root = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  document->objects = *std::move(objects);
  if (!document->root.is_object()) {
    return fail(Errc::bad_syntax, std::string(what) + ": want a JSON object");
  }
  return Object(std::move(document), text, what);
}

void Object::complain(std::string_view name, std::string_view must) {
  if (problem_) return;
  problem_.emplace(Errc::bad_syntax,
                   what_ + ": member '" + std::string(name) + "' " + std::string(must));
}

bool Object::has(std::string_view name) const { return document_->find(name) != nullptr; }

std::optional<std::string> Object::maybe_text(std::string_view name, std::size_t limit) {
  const auto* member = document_->find(name);
  if (!member) return std::nullopt;
  if (const auto* text = plain_text(*member, limit)) return *text;
  complain(name, "must be a string of at most " + std::to_string(limit) +
                     " bytes without control characters");
  return std::nullopt;
}

std::string Object::text(std::string_view name, std::size_t limit) {
  if (!has(name)) complain(name, "is missing");
  return maybe_text(name, limit).value_or(std::string());
}

std::string Object::text_or(std::string_view name, std::string_view fallback) {
  return maybe_text(name).value_or(std::string(fallback));
}

bool Object::flag(std::string_view name) {
  if (!has(name)) complain(name, "is missing");
  return flag_or(name, false);
}

bool Object::flag_or(std::string_view name, bool fallback) {
  const auto* member = document_->find(name);
  if (!member) return fallback;
  if (!member->is_boolean()) complain(name, "must be true or false");
  return member->is_boolean() ? member->get<bool>() : fallback;
}

std::int64_t Object::number(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* member = document_->find(name);
  const auto number = member ? whole_number(*member) : std::nullopt;
  if (number && *number >= least && *number <= most) return *number;
  complain(name, member ? "must be an integer from " + std::to_string(least) + " to " +
                              std::to_string(most)
                        : std::string("is missing"));
  return least;
}

std::uint16_t Object::port(std::string_view name) {
  return static_cast<std::uint16_t>(number(name, 1, 65535));
}

std::string Object::host(std::string_view name) {
  auto text = this->text(name);
  if (!is_host(text)) complain(name, "must be a host name or an IP address");
  return text;
}

std::vector<std::string> Object::texts(std::string_view name, std::size_t most) {
  const auto* member = document_->find(name);
  if (!member) return {};
  std::vector<std::string> values;
  if (member->is_array() && member->size() <= most) {
    for (const auto& item : *member) {
      const auto* text = plain_text(item, kTextLimit);
      if (!text) break;
      values.push_back(*text);
    }
    if (values.size() == member->size()) return values;
  }
  complain(name, "must be an array of at most " + std::to_string(most) + " short strings");
  return {};
}

bool Object::is_true(std::string_view outer, std::string_view inner) const {
  const auto* object = document_->find(outer);
  if (!object || !object->is_object()) return false;
  const auto member = object->find(std::string(inner));
  return member != object->end() && member->is_boolean() && member->get<bool>();
}

std::string_view Object::slice(std::string_view name) {
  for (const auto& member : document_->objects) {
    if (member.name == name) return text_.substr(member.begin, member.end - member.begin);
  }
  complain(name, has(name) ? "must be an object" : "is missing");
  return {};
}

std::string Object::canonical() const {
  return document_->root.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace noports::proto::json
