#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every test that docs/conformance.md names exists and runs. Usage: check_conformance.py ROOT BUILD"""
import json
import pathlib
import re
import subprocess
import sys


def rows(text):
    """The cells of the table's rows, without its head."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if cells[0] != "subject" and set(cells[0]) != {"-"}:
                yield number, cells


def running(listing):
    """The names of ctest's JSON listing by their prefix ("atserver"), without disabled ones."""
    found = {}
    for test in listing["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if not properties.get("DISABLED"):
            prefix, _, name = test["name"].partition(":")
            found.setdefault(prefix, set()).add(name.strip())
    return found


def prefix_of(executable):
    """unit_app_npt's tests are listed under "apps", unit_keys' under "keys"."""
    kind, _, rest = executable.partition("_")
    if kind == "integration":
        return "integration"
    return "apps" if rest.startswith("app_") else rest


def check(text, tests, fuzz_targets):
    complaints = []
    names = set().union(*tests.values()) if tests else set()
    for number, cells in rows(text):
        def complain(what):
            complaints.append(f"docs/conformance.md:{number}: {what}")
        if len(cells) != 3:
            complain(f"{len(cells)} cells instead of subject, state, shown by")
            continue
        shown = cells[2]
        if not shown and not re.match(r"no\b", cells[1]):
            complain(f'"{cells[0]}" is not shown by any test')
        for name in re.findall(r'"([^"]+)"', shown):
            if name not in names:
                complain(f'no test "{name}"')
        for executable in re.findall(r"`((?:unit|integration)_\w+)`", shown):
            if prefix_of(executable) not in tests:
                complain(f"no tests of {executable}")
        for scenario in re.findall(r"`tests/e2e/([^`]+)`", shown):
            stem = scenario.removesuffix(".sh")
            if stem != "*" and stem not in tests.get("e2e", set()):
                complain(f"no scenario {scenario}")
        for target in re.findall(r"fuzz target `(\w+)`", shown):
            if target not in fuzz_targets:
                complain(f"no fuzz target {target}")
    return complaints


def main(root, build):
    root = pathlib.Path(root)
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                             check=True, capture_output=True, text=True).stdout
    targets = re.findall(r"^noports_fuzz\((\w+)\)", (root / "tests/fuzz/CMakeLists.txt").read_text(), re.M)
    return check((root / "docs/conformance.md").read_text(), running(json.loads(listing)), targets)


if __name__ == "__main__":
    found = main(*sys.argv[1:3])
    print("\n".join(found))
    sys.exit(bool(found))
