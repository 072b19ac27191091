# SPDX-License-Identifier: BSD-3-Clause
"""Presses the tabulator in a real shell. Usage: tab.py SHELL TYPED WANTED < SET-UP

Starts `bash` or `zsh` on a terminal of its own, lets it read the lines of the standard input, types
TYPED and the tabulator, and waits up to 20 s for WANTED to stand on the command line.
"""
import os
import pty
import re
import select
import sys
import time

SHELLS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
READY = "shell-is-ready"


def read_until(terminal, wanted, seen, deadline):
    while wanted not in plain(seen):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            sys.exit(f"no {wanted!r} in time, but: {plain(seen)!r}")
        seen += os.read(terminal, 4096)
    return seen


def plain(text):
    """What stands on the terminal: a line editor goes back to write over what it wrote."""
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07", b"", text).decode("utf-8", "replace")
    cells, at = [], 0
    for char in text:
        if char == "\b":
            at = max(at - 1, 0)
        elif char == "\r":
            while at > 0 and cells[at - 1] != "\n":
                at -= 1
        elif char == "\n":
            cells.append(char)
            at = len(cells)
        else:
            cells[at:at + 1] = char
            at += 1
    return "".join(cells)


def main():
    shell, typed, wanted = sys.argv[1:4]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(SHELLS[shell][0], SHELLS[shell])
    deadline = time.monotonic() + 20
    # In two halves, so that the echo of the line is not taken for its effect.
    setup = sys.stdin.read() + f"\necho {READY[:5]}''{READY[5:]}\n"
    os.write(terminal, setup.encode())
    read_until(terminal, READY, b"", deadline)
    os.write(terminal, typed.encode() + b"\t")
    read_until(terminal, wanted, b"", deadline)
    os.close(terminal)
    os.waitpid(child, 0)


main()
