# SPDX-License-Identifier: BSD-3-Clause
"""TLS connections to atDirectory and atServers: one command at a time (atprotocol-wire.md 1)."""
import os
import re
import socket
import ssl
import threading
import urllib.parse

from . import crypto

PATIENCE = 20  # seconds for an answer; a busy machine takes its time
PROMPT = re.compile(r"[^:]*@")  # in front of an answer, up to the last @ before the first colon


class AtError(Exception):
    """An atServer's error: line; code is "AT" and four digits, text the rest."""

    def __init__(self, line):
        super().__init__(line)
        match = re.match(r"\{\"errorCode\":\"(AT\d+)\"|(AT\d+)", line)
        self.code = (match[1] or match[2]) if match else ""
        self.text = line


def tls_context():
    """Trusts what SSL_CERT_FILE names, else the system; checks host names."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))


def dial(address):
    """A TLS connection to "host:port"."""
    host, _, port = address.rpartition(":")
    plain = socket.create_connection((host, int(port)), PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls_context().wrap_socket(plain, server_hostname=host)


def find(root, atsign):
    """The address of atsign's atServer, asked of the directory at root."""
    with dial(root) as connection:
        reader = connection.makefile("rb")
        connection.sendall(atsign.removeprefix("@").encode() + b"\n")
        answer = reader.readline().decode().strip().lstrip("@")
        connection.sendall(b"@exit\n")
    if ":" not in answer:
        raise AtError(f"the directory does not know {atsign}: {answer}")
    return answer


class Connection:
    """To one atServer, in the manner of the Dart or of the C library (dialect "dart" or "c")."""

    def __init__(self, address, dialect="dart"):
        self._end = "\r\n" if dialect == "c" else "\n"
        self._socket = dial(address)
        self._reader = self._socket.makefile("rb")
        self._lock = threading.Lock()
        if dialect == "c":
            self._probe()

    def _probe(self):
        """The C library waits for the greeting, sends an empty line and reads what comes."""
        greeting = self._socket.recv(256)
        self._socket.sendall(b"\r\n")
        answer = self._socket.recv(256)
        if greeting != b"@" or not answer:
            raise AtError(f"greeted with {greeting!r} and {answer!r}")

    def send(self, command):
        self._socket.sendall((command + self._end).encode())

    def line(self):
        """The next line without the prompts in front of it; ConnectionError at the end."""
        raw = self._reader.readline()
        if not raw.endswith(b"\n"):
            raise ConnectionError("the atServer closed the connection")
        text = raw.decode().rstrip("\n")
        match = PROMPT.match(text)
        return text[match.end():] if match else text

    def command(self, command):
        """What follows data: in the answer; AtError for an error."""
        with self._lock:
            self.send(command)
            answer = self.line()
        kind, _, rest = answer.partition(":")
        if kind == "error":
            raise AtError(rest)
        if kind != "data":
            raise AtError(f"no answer: {answer!r}")
        return rest.strip()

    def log_in(self, keys, dialect="dart"):
        """from and pkam, as the dialect writes them."""
        if dialect == "c":
            challenge = self.command("from:" + keys.atsign.removeprefix("@"))
            algorithms = ""
        else:
            challenge = self.command("from:" + keys.atsign)
            algorithms = "signingAlgo:rsa2048:hashingAlgo:sha256:"
        enrolment = f"enrollmentId:{keys.enrolment}:" if keys.enrolment else ""
        proof = crypto.sign(keys.pkam_private, challenge)
        if self.command(f"pkam:{algorithms}{enrolment}{proof}") != "success":
            raise AtError("pkam was not answered with success")

    def set_timeout(self, seconds):
        self._socket.settimeout(seconds)

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is closed already
        self._socket.close()


def http_lookup(address, atsign, name):
    """A public record by HTTP, as the newest relays read it; None where there is none."""
    host, _, port = address.rpartition(":")
    context = tls_context()
    context.set_alpn_protocols(["http/1.1"])
    plain = socket.create_connection((host, int(port)), PATIENCE)
    with context.wrap_socket(plain, server_hostname=host) as connection:
        path = "/".join(urllib.parse.quote(part, safe="!$&'()*+,;=:@~") for part in (atsign, name))
        connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                           .encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            head, found, body = answer.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            if found and length and len(body) >= int(length[1]):
                break
    status = answer.split(b" ", 2)[1:2]
    if status == [b"404"]:
        return None
    if status != [b"200"]:
        raise AtError(f"HTTP answer {answer[:80]!r}")
    return body.decode().strip()
