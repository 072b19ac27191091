#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""No braced initialiser and no ?: in a statement that awaits: g++ 12 destroys such temporaries
twice (docs/style.md). Usage: check_co_await_braces.py [ROOT]"""
import re
import sys

import source

TOKENS = re.compile(r"[A-Za-z_]\w*|->|[^\s\w]")
OPENERS = {")", "else", "do", "try", "const", "noexcept", "override", "final", "mutable", "{", "}",
           ";", "]", ":", ""}
SCOPES = {"namespace", "struct", "class", "enum", "union", "extern"}


class Statement:
    def __init__(self):
        self.awaits = self.braces = False
        self.words = []


def opens_block(before, statement, parens):
    """Whether a '{' after `before` begins a block and not an initialiser."""
    if SCOPES & set(statement.words[:3]) and not parens:
        return True
    if "->" in statement.words:  # a lambda's return type
        after = statement.words[len(statement.words) - 1 - statement.words[::-1].index("->"):]
        if not {"(", "=", "return"} & set(after):
            return True
    return before in OPENERS


def check_text(name, text):
    complaints = []
    stack = [("block", Statement(), 0)]
    before, parens = "", 0
    for number, line in enumerate(source.stripped(text).splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        for token in TOKENS.findall(line):
            kind, statement, _ = stack[-1]
            if token == "co_await":
                statement.awaits = True
            elif token == "?":
                statement.braces = True
            elif token == "(":
                parens += 1
            elif token == ")":
                parens -= 1
            if token == "{":
                if opens_block(before, statement, parens):
                    if not parens and statement.awaits and statement.braces:
                        complaints.append(f"{name}:{number}: braces or ?: in an awaiting statement")
                    if not parens:
                        stack[-1] = (kind, Statement(), 0)
                    stack.append(("block", Statement(), parens))
                    parens = 0
                else:
                    statement.braces = True
                    stack.append(("init", statement, parens))
            elif token == "}" and len(stack) > 1:
                _, ended, parens = stack.pop()
                del ended
            elif token == ";" and kind == "block" and not parens:
                if statement.awaits and statement.braces:
                    complaints.append(f"{name}:{number}: braces or ?: in an awaiting statement")
                stack[-1] = (kind, Statement(), 0) if len(stack) == 1 else (
                    kind, Statement(), stack[-1][2])
            else:
                statement.words.append(token)
            before = token
    return complaints


def check(root):
    return [c for path in source.files(root) for c in check_text(path, path.read_text())]


if __name__ == "__main__":
    found = check(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(found))
    sys.exit(bool(found))
