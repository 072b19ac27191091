# SPDX-License-Identifier: BSD-3-Clause
"""A service for the byte tests. The first line of a connection says what it does:
   digest       read to the end of the stream, then answer with the SHA-256 of what came
   send N       send N bytes (a fixed pattern) and close at once
   never-read   read nothing more
Prints its port."""
import hashlib
import socketserver
import threading

PATTERN = bytes(range(256)) * 256


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        what = self.rfile.readline().decode().split()
        if what[0] == "digest":
            digest = hashlib.sha256()
            while chunk := self.rfile.read1(65536):
                digest.update(chunk)
            self.wfile.write(digest.hexdigest().encode())
        elif what[0] == "send":
            left = int(what[1])
            while left:
                left -= self.connection.send(PATTERN[: min(left, len(PATTERN))])
        elif what[0] == "never-read":
            threading.Event().wait(60)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
