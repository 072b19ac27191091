#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Files of at most 400 lines, functions of at most 60, the SPDX line on top, no leftovers.
Usage: check_sizes.py [ROOT]"""
import re
import subprocess
import sys

import source

FILE_LINES, FUNCTION_LINES = 400, 60
LEFTOVERS = re.compile(r"TODO\(now\)|FIXME|XXX|^\s*#if 0")


def functions(paths):
    """(path, name, first line, last line) of every function, by universal-ctags."""
    listing = subprocess.run(
        ["ctags", "-L", "-", "-f", "-", "--languages=C++", "--c++-kinds=f", "--fields=+ne"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True).stdout
    for row in listing.splitlines():
        columns = row.split("\t")
        fields = dict(c.split(":", 1) for c in columns[3:] if ":" in c)
        if "line" in fields and "end" in fields:
            yield columns[1], columns[0], int(fields["line"]), int(fields["end"])


def check(root):
    complaints, paths = [], list(source.files(root))
    for path in paths:
        lines = path.read_text().splitlines()
        if len(lines) > FILE_LINES:
            complaints.append(f"{path}: {len(lines)} lines, more than {FILE_LINES}")
        if not lines or "SPDX-License-Identifier: BSD-3-Clause" not in lines[0]:
            complaints.append(f"{path}:1: no SPDX line")
        for number, line in enumerate(lines, 1):
            if LEFTOVERS.search(line):
                complaints.append(f"{path}:{number}: left over: {line.strip()}")
    for path, name, first, last in functions(paths):
        if last - first + 1 > FUNCTION_LINES:
            complaints.append(f"{path}:{first}: {name} has {last - first + 1} lines, "
                              f"more than {FUNCTION_LINES}")
    return complaints


if __name__ == "__main__":
    found = check(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(found))
    sys.exit(bool(found))
