// SPDX-License-Identifier: BSD-3-Clause
// The rows of at_activate's table: one option each, that fills the variable it is given. Which
// command has which: options.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "at_activate/options.hpp"
#include "common/option_table.hpp"

namespace noports::apps::at_activate::rows {

Option cramkey_option(Options& into);
Option registrar_option(Options& into);
Option registrar_key_option(Options& into);
Option count_option(std::string names, std::optional<std::size_t>& into, std::string help);
Option size_option(std::string names, std::size_t& into, std::string help);
Option expiry_option(Options& into, std::string help);
Option label_option(std::string names, std::string& into, std::string help);
Option optional_text(std::string names, std::optional<std::string>& into, std::string placeholder,
                     std::string help);
Option id_option(Options& into);
Option namespaces_option(Options& into);
Option status_option(Options& into);
Option refused_option(std::string names);
Option ignored_flag(std::string names);
Option passphrase_option(Options& into);
Option unused_cramkey_option(Options& into);
Option unused_option(std::string names, std::string placeholder);
Option hashing_option();
Option json_row(Options& into);
Option key_row(Options& into);
Option root_row(Options& into);

}  // namespace noports::apps::at_activate::rows
