# SPDX-License-Identifier: BSD-3-Clause
"""A service behind a device, and its caller: each sends a mebibyte of its own and the hash of what
it got, both at once. No end of stream is waited for: some peers do not pass it on.

transfer.py serve: prints its port.
"""
import hashlib
import os
import socket
import sys
import threading

SIZE = 1 << 20


class Changed(Exception):
    """The bytes that arrived are not those that were sent."""


def _exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        chunk = connection.recv(min(65536, count - len(data)))
        if not chunk:
            raise ConnectionError(f"closed after {len(data)} of {count} bytes")
        data += chunk
    return bytes(data)


def exchange(connection):
    """Both ways at once; then each side tells the hash of what it got."""
    mine = os.urandom(SIZE)
    sender = threading.Thread(target=connection.sendall, args=(mine,), daemon=True)
    sender.start()
    got = _exactly(connection, SIZE)
    sender.join()
    connection.sendall(hashlib.sha256(got).digest())
    if _exactly(connection, 32) != hashlib.sha256(mine).digest():
        raise Changed("what we sent arrived changed")


def call(port, patience=20):
    """One exchange through a local port; raises OSError or Changed."""
    with socket.create_connection(("127.0.0.1", port), patience) as connection:
        connection.settimeout(patience)
        exchange(connection)


def _serve(connection):
    with connection:
        try:
            exchange(connection)
            connection.settimeout(30)
            connection.recv(1)  # the caller closes first
        except (OSError, Changed) as error:
            print(f"service: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=_serve, args=(listener.accept()[0],), daemon=True).start()
