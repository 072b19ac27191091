# SPDX-License-Identifier: BSD-3-Clause
"""The control channel of an npt session, client to daemon: its lines, and how each generation of
daemon takes them from the decrypted stream (noports-wire.md 10.4, noports-newer.md 5.3, 20.1)."""
from . import crypto

LIMIT = 4096
OLD_MESSAGE = 77  # connect: + 44 + : + 24, without a line end


def connect_line(pairs):
    """connect with one (key, IV) for both directions or one for each, client's first; as text."""
    return ("connect:" + ":".join(text for pair in pairs for text in pair) + "\n").encode()


PLAIN_CONNECT = b"connect:no:encrypt\n"


def heartbeat_line(number):
    return f"heartbeat:{number}\n".encode()


class Reassembling:
    """Today's daemon: waits for the line end, ignores what it does not know, and takes messages of
    77 bytes without line ends from clients that send none. A twin line whose first 77 bytes come
    alone is thus misread, as by the reference: a line has to be one write."""

    def __init__(self):
        self._buffer = b""
        self._saw_line_end = False

    def feed(self, data):
        """The fields of every message that is whole now."""
        self._buffer += data
        found = []
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            self._saw_line_end = True
            found.append(line.decode().split(":"))
        size = len(self._buffer)
        if not self._saw_line_end and size and size % OLD_MESSAGE == 0:
            found += [self._buffer[at:at + OLD_MESSAGE].decode().split(":")
                      for at in range(0, size, OLD_MESSAGE)]
            self._buffer = b""
        if len(self._buffer) > LIMIT:
            raise crypto.Wrong("control line too long")
        return found


class DartChunks:
    """The 5.6.3 daemon: cuts each chunk at the text connect:, and knows no other verb."""

    def feed(self, data):
        parts = data.decode().split("connect:")[1:]
        found = [["connect", *part.strip().split(":")] for part in parts]
        if any(len(fields) != 3 for fields in found):
            raise crypto.Wrong(f"not a connect message in {data!r}")
        return found


class CChunks:
    """The C daemon: cuts each chunk of up to 4096 bytes at line ends and joins nothing. A line that
    it cannot read ends its connector."""

    def feed(self, data):
        found = []
        for line in data.split(b"\n"):
            if line:
                fields = line.decode().split(":")
                if len(fields) < 3 or len(crypto.unb64(fields[1])) != 32:
                    raise crypto.Wrong(f"the C connector ends at {line!r}")
                found.append(fields)
        return found
