#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom (docs/architecture.md). Usage: check_layers.py [ROOT]"""
import pathlib
import re
import sys

import source

LOW = "base crypto at"
MAY = {
    "base": "", "crypto": "base", "at": "base", "log": "base", "net": "base",
    "keys": LOW, "proto": LOW,
    "atclient": LOW + " keys log net", "atserver": LOW + " keys log net",
    "bridge": "base crypto log net",
    "signing": LOW + " keys proto log net atclient bridge",
    "relay": LOW + " proto log net atclient bridge",
    "policy": LOW + " proto log net atclient bridge",
    "client": LOW + " keys proto log net atclient bridge signing",
    "daemon": LOW + " keys proto log net atclient bridge signing",
    "activate": LOW + " keys log net atclient",
}
# Below the wall, and these files above it: no sockets, no loop, no log.
PURE = ("base/", "crypto/", "at/", "keys/", "proto/", "atserver/session", "atserver/verbs_",
        "bridge/control.", "relay/admission", "daemon/authorize")
IMPURE = re.compile(r"<(asio|spdlog|sys/socket\.h|sys/epoll\.h)")


def check(root):
    complaints = []
    library = pathlib.Path(root) / "libnoports/noports"
    for path in source.files(root, ["libnoports/noports"]):
        inside = path.relative_to(library).as_posix()
        module = inside.split("/")[0]
        if module not in MAY:
            complaints.append(f"{path}: module {module} is not in the table")
            continue
        allowed = MAY[module].split() + [module]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            ours = re.match(r'#include "noports/(\w+)/', line)
            if ours and ours.group(1) not in allowed:
                complaints.append(f"{path}:{number}: {module} may not include {ours.group(1)}")
            if inside.startswith(PURE) and line.startswith("#include") and IMPURE.search(line):
                complaints.append(f"{path}:{number}: no I/O below the wall")
            if IMPURE.search(line) and "spdlog" in line and inside != "log/log.cpp":
                complaints.append(f"{path}:{number}: spdlog belongs to log/log.cpp alone")
    return complaints


if __name__ == "__main__":
    found = check(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(found))
    sys.exit(bool(found))
