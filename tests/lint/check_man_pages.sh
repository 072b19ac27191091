#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each program's man page is what its option table says. Usage: check_man_pages.sh PROGRAMS DOCS
set -eu
status=0
for page in "$2"/*.1; do
  program=$(basename "$page" .1)
  if ! "$1/$program" --man | diff -u "$page" -; then
    echo "$page is out of date: run scripts/man" >&2
    status=1
  fi
done
exit $status
