#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""House rules that a search can see (docs/style.md). Usage: check_house.py [ROOT]"""
import re
import sys

import source

# (pattern, where it is allowed, why)
RULES = [
    (r"\bco_spawn\b", r"net/task_group|net/offload|net/race|apps/common/run|^tests/",
     "co_spawn belongs to an owner: use net::TaskGroup"),
    (r"awaitable_operators", r"net/race\.cpp$", "race with net::before and net::both only"),
    (r"\bdetached\b", r"^$", "every coroutine has an owner"),
    (r"#include <asio\.hpp>", r"^$", "include the narrow asio headers"),
    (r"#include <regex>", r"^$", "<regex> is not used"),
    (r"#include <nlohmann/json(_fwd)?\.hpp>", r"\.cpp$|^tests/", "json belongs to .cpp files"),
    (r"#include <CLI/", r"apps/common/", "CLI11 belongs to apps/common"),
    (r"\b(getenv|environ|putenv|setenv)\b", r"^apps/|log/log\.cpp$|net/process|^tests/",
     "the library does not read the environment"),
    (r"using namespace", r"\.cpp$|^tests/", "no using namespace in headers"),
    (r"\bverify_none\b|SSL_VERIFY_NONE", r"^$", "TLS is always verified"),
    (r"\b(CHECK|REQUIRE)\w*\(.*\bco_await\b", r"^$", "Catch's macros run a co_await inside them twice"),
    (r"\b(sleep_for|usleep|sleep)\s*\(", r"^$", "wait for a condition, not for time"),
]


def check(root):
    complaints = []
    for path in source.files(root):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(source.stripped(path.read_text()).splitlines(), 1):
            # Includes hold their names in literals or brackets; read them from the code itself.
            for pattern, allowed, why in RULES:
                if re.search(pattern, line) and not re.search(allowed, name):
                    complaints.append(f"{name}:{number}: {why}")
    return complaints


if __name__ == "__main__":
    found = check(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(found))
    sys.exit(bool(found))
