# SPDX-License-Identifier: BSD-3-Clause
"""Ill clients, by name: what they do, and whether a session comes about all the same."""
import json
import socket

from . import client, connector, crypto, envelope, generations, tunnel


class Fragmenting(connector.Tunnel):
    """Control lines byte by byte: a daemon has to put them together."""

    def tell(self, line):
        for at in range(len(line)):
            super().tell(line[at:at + 1])


class Talkative(connector.Tunnel):
    """Verbs that no daemon knows, heartbeats that nobody asked for, all in one write."""

    def tell(self, line):
        super().tell(b"heartbeat:1\nfuture:verb:of:five:fields\n\n" + line + b"heartbeat:2\n")


class OneFlight(client.Session):
    """Data in the segment of the authentication line: what is behind the line is the stream's."""

    class Payload(tunnel.Payload):
        def __call__(self, connection):
            self.connection = connection  # the line goes out with what comes next

    class Tunnel(connector.Tunnel):
        def __init__(self, generation, relay, auth, ciphers, heartbeat):
            super().__init__(generation, relay, auth, ciphers, heartbeat)
            self._held = auth.line

        def tell(self, line):
            if self._held:
                held, self._held = self._held, b""
                self._control.sendall(held + self._to_daemon(line))
            else:
                super().tell(line)

        def _dial(self, before_auth=None):
            made = super()._dial(before_auth)
            if hasattr(self, "_control"):
                made.sendall(self._auth.line)
            return made

    def authentication(self):
        return self.Payload(self.id, self.client_nonce, self.lease.nonce, self.at.keys)


class Scanner(client.Session):
    """Strangers find the relay's ports before the client: silent, talking, gone."""

    def authentication(self):
        self.strangers = []
        for port in (self.lease.port_a, self.lease.port_b):
            for words in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02", b"{}\n"):
                made = socket.create_connection((self.lease.host, port), tunnel.PATIENCE)
                made.sendall(words)
                self.strangers.append(made)
            self.strangers.pop().close()
        return super().authentication()


class Forged(client.Session):
    """Signed with another key than the one that the client publishes."""

    def seal(self, payload):
        whole = json.loads(super().seal(payload))
        whole["signature"] = crypto.sign(self.at.keys.pkam_private, envelope.compact(payload))
        return envelope.compact(whole)


class Altered(client.Session):
    """Another port than the one that was signed."""

    def seal(self, payload):
        return super().seal(payload).replace(f'"requestedPort":{payload["requestedPort"]}',
                                             '"requestedPort":22')


class Doubled(client.Session):
    """A member twice, well signed: two readers could read two things."""

    def seal(self, payload):
        text = envelope.compact(payload)[:-1] + ',"requestedPort":22}'
        signature = crypto.sign(self.at.keys.private, text)
        return (f'{{"payload":{text},"signature":"{signature}","hashingAlgo":"sha256",'
                '"signingAlgo":"rsa2048"}')


class Impostor(client.Session):
    """Asks the relay in another atSign's name."""

    def relay_request(self):
        return super().relay_request() | {"atSignA": "@stranger"}


class Line(tunnel.Payload):
    """Another line than the right one towards the relay."""

    def __init__(self, line):
        self.line = line


class ExtraMember(client.Session):
    """The relay's line with a fourth member, well signed."""

    def authentication(self):
        payload = envelope.auth_payload(self.id, self.client_nonce, self.lease.nonce) | {"x": 1}
        return Line((envelope.seal(payload, self.at.keys) + "\n").encode())


class OtherKey(client.Session):
    """The relay's line signed with the PKAM key."""

    def authentication(self):
        line = super().authentication().line
        whole = json.loads(line)
        whole["signature"] = crypto.sign(self.at.keys.pkam_private,
                                         envelope.compact(whole["payload"]))
        return Line((envelope.compact(whole) + "\n").encode())


class Endless(client.Session):
    """A line towards the relay that never ends."""

    def authentication(self):
        return Line(b'{"payload":"' + b"x" * 200_000)


def of(at, name, ephemeral):
    """An ill client by name, otherwise like an old one (whose control line goes out before its data
    socket authenticates) or those of 5.17."""
    session, made = CLIENTS[name][:2]
    generation = "old" if session is OneFlight else "5.17"
    return client.Client(at, generations.CLIENTS[generation], ephemeral, session, made)


WORKS, REFUSED, CUT = "works", "refused", "cut"
# Name → session, tunnel, and what our daemon and relay make of it: serve it, refuse it (by the hop
# named, in words or in silence), or cut the connection.
CLIENTS = {
    "fragmenting": (None, Fragmenting, WORKS, None),
    "talkative": (None, Talkative, WORKS, None),
    "one-flight": (OneFlight, OneFlight.Tunnel, WORKS, None),
    "scanner": (Scanner, None, WORKS, None),
    "forged": (Forged, None, REFUSED, "device"),
    "altered": (Altered, None, REFUSED, "device"),
    "doubled": (Doubled, None, REFUSED, "device"),
    "impostor": (Impostor, None, REFUSED, "relay"),
    "extra-member": (ExtraMember, None, CUT, None),
    "other-key": (OtherKey, None, CUT, None),
    "endless": (Endless, None, CUT, None)}
