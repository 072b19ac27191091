# SPDX-License-Identifier: BSD-3-Clause
"""Serves a folder over HTTP on loopback: web_server.py PORT FOLDER"""
import functools
import http.server
import sys


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256  # a hundred clients come at once


handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
handler.log_message = lambda *args: None
Server(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
