# SPDX-License-Identifier: BSD-3-Clause
"""What the lints share: finding our C++ files, and their text without comments and literals."""
import pathlib
import re

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\((?:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def files(root, folders=("libnoports", "apps", "tests")):
    """Our .hpp and .cpp files below root; the lints' own bad samples are not ours."""
    root = pathlib.Path(root)
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and "tests/lint/samples" not in path.as_posix():
                yield path


def stripped(text):
    """The code alone, line for line: comments become blanks, literals become ""."""
    def blank(match):
        token = match.group(0)
        lines = "\n" * token.count("\n")
        if token.startswith("/"):
            return " " + lines
        # The ' of 10'000 is no literal.
        return '""' + lines
    text = re.sub(r"(?<=\d)'(?=\d)", "", text)
    return TOKEN.sub(blank, text)
