# SPDX-License-Identifier: BSD-3-Clause
"""TCP: authentication towards a relay, and the joining of two sockets through stream ciphers."""
import contextlib
import os
import socket
import threading

from . import crypto, envelope, escr

PATIENCE = 20  # seconds for a step of opening


def dial(host, port, is_delayed=False):
    """A connected socket; OSError with the address in it otherwise. is_delayed leaves Nagle's
    algorithm on."""
    try:
        made = socket.create_connection((host, port), PATIENCE)
    except OSError as error:
        raise OSError(f"{host}:{port}: {error}") from None
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, not is_delayed)
    return made


def listen(host="127.0.0.1", port=0):
    return socket.create_server((host, port), backlog=64)


def close(*sockets):
    """Ends both directions at once, as the reference's connectors and relays do."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def read_line(connection, limit=256):
    """Up to the first LF and nothing behind it; ConnectionError at the end of the stream."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte or len(line) > limit:
            raise ConnectionError(f"no line: {line!r}")
        line += byte
    return line.decode().rstrip("\n")


class Payload:
    """Authentication by one signed line, the same for every socket of the session, unanswered."""
    mode = "payload"

    def __init__(self, session, client_nonce, relay_nonce, keys):
        self.line = envelope.auth_line(session, client_nonce, relay_nonce, keys)

    def __call__(self, connection):
        connection.sendall(self.line)


class Escr:
    """Authentication by an answer to the relay's challenge; waits for the relay's ok."""
    mode = "escr"

    def __init__(self, session, side, aes_key, keys):
        self._make = lambda challenge: escr.response(session, challenge, side, aes_key, keys)

    def __call__(self, connection):
        challenge = read_line(connection)
        if len(crypto.unb64(challenge)) != 32:
            raise ConnectionError(f"no challenge: {challenge!r}")
        connection.sendall(self._make(challenge))
        verdict = read_line(connection)
        if verdict != "ok":
            raise ConnectionError(f"the relay says {verdict!r}")


def no_auth(_connection):
    """For sessions whose request says that this side does not authenticate."""


class Pair:
    """Key and IV of one direction, or of both, as text; makes streams from their start."""

    def __init__(self, key=None, iv=None):
        self.key, self.iv = key or crypto.random_key(), iv or crypto.random_iv()

    def stream(self):
        return crypto.Stream(crypto.unb64(self.key), crypto.unb64(self.iv))


class Ciphers:
    """The pairs of a connection: client to daemon, and daemon to client or None for one of both."""

    def __init__(self, c2d, d2c=None):
        self.c2d, self.d2c = c2d, d2c or c2d
        self.pairs = [(c2d.key, c2d.iv)] + ([(d2c.key, d2c.iv)] if d2c else [])


def identity(data):
    return data


def copy(source, sink, transform, chunk, ends):
    """Until the source ends or either fails; then closes the sockets in ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(chunk):
            sink.sendall(transform(data))
    close(*ends)


def join(one, other, there=identity, back=identity, chunk=65536, passes_end=True):
    """Copies both ways on threads, there from one to other; the first end closes both sockets.

    Without passes_end the other socket stays open, as in the C connector. Returns the threads.
    """
    for made in (one, other):
        made.settimeout(None)
    ways = ((one, other, there), (other, one, back))
    threads = [threading.Thread(
        target=copy, args=(*way, chunk, (one, other) if passes_end else way[:1]), daemon=True)
        for way in ways]
    for thread in threads:
        thread.start()
    return threads


def say(*words):
    """One line on stderr, whole even where many threads speak."""
    os.write(2, (" ".join(map(str, words)) + "\n").encode())
