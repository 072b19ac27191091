// SPDX-License-Identifier: BSD-3-Clause
#include "common/config_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string>

#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

constexpr std::size_t kMostBytes = 1'000'000;  // nobody writes more by hand

// One file, and where in it something is wrong.
class Reader {
 public:
  Reader(const std::filesystem::path& file, const Program& program, std::span<const ConfigKey> keys)
      : file_(printable(file.string(), 1000)), program_(program), keys_(keys) {}

  Unexpected wrong(const YAML::Mark& mark, const std::string& what) const {
    const auto line = mark.is_null() ? std::string() : ":" + std::to_string(mark.line + 1);
    return fail(Errc::config, file_ + line + ": " + what);
  }

  Result<void> document(const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap()) return wrong(root.Mark(), "want sections with keys in them");
    for (const auto& entry : root) {
      const auto name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (!is_section(name)) {
        return wrong(entry.first.Mark(),
                     "unknown section " + printable(name) + "; there are " + sections());
      }
      if (!once(name)) return wrong(entry.first.Mark(), printable(name) + " stands here twice");
      if (auto read = section(name, entry.second); !read) return read;
    }
    return {};
  }

 private:
  static std::string_view section_of(const ConfigKey& key) {
    return key.path.substr(0, key.path.find('/'));
  }
  bool is_section(std::string_view name) const {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const auto& key) { return section_of(key) == name; });
  }
  std::string sections() const {
    std::set<std::string_view> names;
    for (const auto& key : keys_) names.insert(section_of(key));
    return joined(names);
  }
  std::string keys_of(std::string_view section) const {
    std::set<std::string_view> names;
    for (const auto& key : keys_) {
      if (section_of(key) == section) names.insert(key.path.substr(section.size() + 1));
    }
    return joined(names);
  }
  static std::string joined(const std::set<std::string_view>& names) {
    std::string text;
    for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
  }
  bool once(const std::string& path) { return seen_.insert(path).second; }

  const ConfigKey* find_key(std::string_view path) const {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const auto& key) { return key.path == path; });
    return found == keys_.end() ? nullptr : &*found;
  }
  const Option* find_option(std::string_view spelling) const {
    const auto has = [&](const Option& option) {
      const auto names = split(option.names, ',');
      return std::find(names.begin(), names.end(), spelling) != names.end();
    };
    const auto found = std::find_if(program_.options.begin(), program_.options.end(), has);
    return found == program_.options.end() ? nullptr : &*found;
  }

  Result<void> section(const std::string& name, const YAML::Node& content) {
    if (content.IsNull()) return {};
    if (!content.IsMap()) return wrong(content.Mark(), name + " wants keys with values");
    for (const auto& entry : content) {
      const auto text = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      const auto path = name + "/" + text;
      const auto* key = find_key(path);
      if (!key) {
        return wrong(entry.first.Mark(),
                     "unknown key " + printable(path) + "; " + name + " has " + keys_of(name));
      }
      if (!once(path)) return wrong(entry.first.Mark(), path + " stands here twice");
      if (auto taken = value(*key, entry.second); !taken) return taken;
    }
    return {};
  }

  Result<void> value(const ConfigKey& key, const YAML::Node& node) {
    if (node.IsNull()) return {};
    std::vector<std::string> values;
    for (const auto& item : node.IsSequence() ? std::vector<YAML::Node>(node.begin(), node.end())
                                              : std::vector<YAML::Node>{node}) {
      if (!item.IsScalar()) {
        return wrong(item.Mark(), std::string(key.path) + " wants a value, or a list of values");
      }
      values.push_back(item.Scalar());
    }
    const auto* option = find_option(key.option);
    if (!option || !option->set) return {};
    auto given = give(*option, values, node.IsSequence());
    if (given) return {};
    return wrong(node.Mark(), std::string(key.path) + ": " + given.error().what());
  }

  static Result<void> give(const Option& option, const std::vector<std::string>& values,
                           bool is_list) {
    if (option.kind == Option::Kind::flag) return give_flag(option, values, is_list);
    std::string all;
    for (const auto& value : values) all += (all.empty() ? "" : ",") + value;
    if (option.kind != Option::Kind::list) return option.set(all);
    for (const auto piece : split(all, ',')) {
      if (trim(piece).empty()) continue;
      if (auto set = option.set(std::string(piece)); !set) return set;
    }
    return {};
  }

  static Result<void> give_flag(const Option& option, const std::vector<std::string>& values,
                                bool is_list) {
    const auto word = is_list || values.empty() ? std::string() : lower(values.front());
    const bool is_yes = word == "true" || word == "yes" || word == "on";
    const bool is_no = word == "false" || word == "no" || word == "off";
    if (!is_yes && !is_no) return fail(Errc::config, "want true or false");
    return option.set(is_yes ? "true" : "false");
  }

  std::string file_;
  const Program& program_;
  std::span<const ConfigKey> keys_;
  std::set<std::string> seen_;
};

}  // namespace

Result<void> read_config(const std::filesystem::path& file, const Program& program,
                         std::span<const ConfigKey> keys) {
  Reader reader(file, program, keys);
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!in.eof() || text.size() > kMostBytes) {
    const auto mark = YAML::Mark::null_mark();
    return reader.wrong(mark, text.empty() ? "it cannot be read" : "it is larger than 1 MB");
  }
  try {
    return reader.document(YAML::Load(text));
  } catch (const YAML::Exception& e) {
    return reader.wrong(e.mark, printable(e.msg));
  }
}

}  // namespace noports::apps
