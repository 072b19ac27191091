# SPDX-License-Identifier: BSD-3-Clause
"""The byte tests proper: byte_checks.py TUNNEL_PORT PID... (relay, device, client)"""
import hashlib
import os
import pathlib
import select
import socket
import sys

PORT, PIDS = int(sys.argv[1]), sys.argv[2:]


def connect(first_line):
    connection = socket.create_connection(("127.0.0.1", PORT), 10)
    connection.settimeout(20)
    connection.sendall(first_line.encode() + b"\n")
    return connection


def read_all(connection):
    parts = []
    while chunk := connection.recv(65536):
        parts.append(chunk)
    return b"".join(parts)


def memory():
    """Resident bytes of the three processes."""
    return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in PIDS)


def half_close_up():
    data = os.urandom(3_000_001)
    with connect("digest") as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).decode() == hashlib.sha256(data).hexdigest(), "half-close lost bytes"


def the_tail_before_a_close():
    for size in (1, 32_768, 65_536, 1_000_003):
        with connect(f"send {size}") as connection:
            assert len(read_all(connection)) == size, f"of {size} bytes some were lost"


def a_paused_reader_stops_the_sender():
    before = memory()
    with connect("never-read") as connection:
        connection.setblocking(False)
        sent, stalls = 0, 0
        chunk = bytes(65536)
        while stalls < 20 and sent < 1 << 30:
            try:
                sent += connection.send(chunk)
                stalls = 0
            except BlockingIOError:
                # Writable again within 100 ms, or one step nearer to "it has stopped".
                stalls += not select.select([], [connection], [], 0.1)[1]
        assert sent < 256 << 20, f"{sent} bytes went into a reader that never reads"
        grown = memory() - before
        assert grown < 3 << 20, f"the programs grew by {grown} bytes"


for check in (half_close_up, the_tail_before_a_close, a_paused_reader_stops_the_sender):
    check()
    print("ok", check.__name__)
