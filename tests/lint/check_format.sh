#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every C++ file is as clang-format leaves it. Usage: check_format.sh CLANG_FORMAT ROOT
set -eu
cd "$2"
find libnoports apps tests \( -name '*.hpp' -o -name '*.cpp' \) -print0 |
  xargs -0 "$1" --dry-run -Werror
