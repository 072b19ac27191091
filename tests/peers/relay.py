# SPDX-License-Identifier: BSD-3-Clause
"""The relay's role: two ports for a session, authentication of each socket, and pairs in order."""
import contextlib
import json
import os
import re
import select
import threading
import time

from . import crypto, envelope, escr, tunnel
from .tunnel import say
from .wire import AtError

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIRST_PAIR = 30  # seconds until which the first two sockets have to be joined
DETECTION = 0.5  # seconds without a first byte after which a socket is challenged
AUTHENTICATION = 5


class Relay:
    """One relay program. behaviours: ill ones (RELAYS of ill_relay) by the device asked for."""

    def __init__(self, at, generation, host="127.0.0.1", single_port=None, behaviours=None):
        """single_port: where sessions that ask for port 443 meet; None offers none."""
        self.at, self.is_like, self.host = at, generation, host
        self.behaviours = behaviours or {}
        self.sessions, self._lock = {}, threading.Lock()
        self.single = tunnel.listen(host, single_port) if single_port is not None else None
        if self.single:
            threading.Thread(target=self._accept_single, daemon=True).start()

    def start(self):
        asked = self.at.expect(lambda key, sender: ".sshrvd@" in key and key.endswith(sender))
        threading.Thread(target=self._serve, args=(asked,), daemon=True).start()

    def _serve(self, asked):
        while True:
            notification = asked.get()
            handler = (self._request if ".request_ports.sshrvd@" in notification.key
                       else self._hint if ".auth_modes.sshrvd@" in notification.key else None)
            if handler:
                threading.Thread(target=self._guarded, args=(handler, notification),
                                 daemon=True).start()

    def _guarded(self, handler, notification):
        try:
            handler(notification)
        except (crypto.Wrong, AtError, OSError, KeyError, TypeError, ValueError) as error:
            say(f"relay: {notification.key}: {error!r}")

    def _request(self, notification):
        request = json.loads(notification.value)
        device = notification.key.split(":", 1)[1].split(".", 1)[0]
        session, client = request["sessionId"], notification.sender
        for name in ("sessionId", "atSignA", "atSignB", "clientNonce"):
            if not isinstance(request[name], str):
                raise crypto.Wrong(name)
        if self.is_like.is_strict and (request["atSignA"] != client or not UUID.fullmatch(session)):
            raise crypto.Wrong("sender or session id")
        many = self.is_like.answers_json and request.get("multipleAcksOk") is True
        if self.is_like.takes_mutex and not many and not self.at.take_mutex(
                f"{session}.session_mutexes.sshrvd"):
            return
        wants_single = self.is_like.answers_json and request.get("only443") is True
        if wants_single and not self.single:
            if many:
                self.at.notify(client, f"nack.{session}.sshrvd", "Client requested port 443 but "
                               "this relay is not bound to port 443")
            return
        made = Session(self, request, wants_single)
        with self._lock:
            self.sessions[session] = made
        text = made.answer()
        say(f"relay: {session}: for {device}: {text}")
        behaviour = self.behaviours.get(device)
        if behaviour:
            behaviour(self, made, client, text)
        else:
            self.at.notify(client, f"{session}.sshrvd", text)

    def _hint(self, notification):
        hint = json.loads(notification.value)
        session = self.sessions.get(hint["sessionId"])
        if session and self.is_like.detects and hint["rvdNonce"] == session.nonce \
                and notification.sender == session.sides["a"]:
            session.modes = {"a": hint["sideA"], "b": hint["sideB"]}

    def _accept_single(self):
        while True:
            made, _ = self.single.accept()
            threading.Thread(target=self._authenticate_single, args=(made,), daemon=True).start()

    def _authenticate_single(self, made):
        """The session is found from the answer to the challenge."""
        challenge = crypto.b64(os.urandom(32))
        try:
            line, rest = Socket(made, self.is_like.line_limit, 10).challenge(challenge)
            found = escr.Response(line, self._aes_key_of)
            session = self.sessions[found.session]
            session.check(found, challenge, None)
        except (crypto.Wrong, OSError, KeyError) as error:
            say(f"relay: single port: {error!r}")
            Socket.reject(made)
            return
        made.sendall(b"ok\n")
        session.admit(found.side, made, rest, "escr")

    def _aes_key_of(self, session):
        found = self.sessions.get(session)
        return found.request.get("relayAuthAesKey") if found else None


class Socket:
    """Reading of a line from a stranger, bounded in bytes and time."""

    def __init__(self, made, limit, patience=AUTHENTICATION):
        self._socket, self._limit = made, limit
        self._until = time.monotonic() + patience
        self.buffer = b""

    def line(self):
        """(the line without its end, what came behind it)."""
        while b"\n" not in self.buffer:
            self._socket.settimeout(max(self._until - time.monotonic(), 0.001))
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("closed before it was authenticated")
            self.buffer += data
            if len(self.buffer) > self._limit:
                raise crypto.Wrong("line too long")
        line, rest = self.buffer.split(b"\n", 1)
        return line.strip(), rest

    def challenge(self, challenge):
        self._socket.sendall(challenge.encode() + b"\n")
        return self.line()

    def first_byte(self, patience):
        """What a peer says unasked within so many seconds; empty for silence."""
        if select.select([self._socket], [], [], patience)[0]:
            self.buffer = self._socket.recv(4096)
            return self.buffer[:1]
        return b""

    @staticmethod
    def reject(made):
        with contextlib.suppress(OSError):
            made.sendall(b"Socket auth failed\n")
        tunnel.close(made)


class Session:
    """Two ports, or two queues behind the single one; sockets are joined in the order admitted."""

    def __init__(self, relay, request, single):
        self.relay, self.is_like, self.request = relay, relay.is_like, request
        self.id = request["sessionId"]
        self.nonce = crypto.b64(os.urandom(18))
        self.sides = {"a": request["atSignA"], "b": request["atSignB"]}
        self.authenticates = {"a": request["authenticateSocketA"] is True,
                              "b": request["authenticateSocketB"] is True}
        self.modes = {}
        self._challenges = {side: crypto.b64(os.urandom(32)) for side in "ab"}
        self._public = {side: relay.at.public_key_of(self.sides[side])
                        for side in "ab" if self.authenticates[side]}
        self._queues, self._lock = {"a": [], "b": []}, threading.Lock()
        self._joined, self._over = 0, False
        self.listeners = {} if single else {side: tunnel.listen(relay.host) for side in "ab"}
        for side in self.listeners:
            threading.Thread(target=self._accept, args=(side,), daemon=True).start()
        timer = threading.Timer(FIRST_PAIR, self._close_if_idle)
        timer.daemon = True
        timer.start()

    @property
    def ports(self):
        if not self.listeners:
            return (self.relay.single.getsockname()[1],) * 2
        return tuple(self.listeners[side].getsockname()[1] for side in "ab")

    def answer(self):
        """The answer's text: JSON if the client asked for it and this relay knows it, else CSV."""
        if not (self.is_like.answers_json and self.request.get("sendJsonResponse") is True):
            return ",".join(map(str, (self.relay.host, *self.ports, self.nonce)))
        body = {"address": self.relay.host, "portA": self.ports[0], "portB": self.ports[1],
                "rvdNonce": self.nonce, "supportsEventLogging": True}
        if self.is_like.detects:
            body["autoDetectsRelayAuth"] = True
        return envelope.compact(body)

    def _accept(self, side):
        with contextlib.suppress(OSError):
            while True:
                made, _ = self.listeners[side].accept()
                threading.Thread(target=self._authenticate, args=(side, made), daemon=True).start()

    def _authenticate(self, side, made):
        if not self.authenticates[side]:
            self.admit(side, made, b"", "none")
            return
        reader = Socket(made, self.is_like.line_limit)
        mode = "payload"
        try:
            mode = self._mode_of(side, reader)
            rest = (self._challenge(side, made, reader) if mode == "escr"
                    else self._read_payload(side, reader))
        except (crypto.Wrong, OSError) as error:
            say(f"relay: {self.id}: side {side} by {mode}: {error}")
            if mode == "escr" or self.is_like.detects:
                Socket.reject(made)
            else:
                tunnel.close(made)
            return
        self.modes[side] = mode
        self.admit(side, made, rest, mode)

    def _mode_of(self, side, reader):
        if not self.is_like.knows_escr:
            return "payload"
        if not self.is_like.detects:
            return self.request.get("relayAuthMode", "payload")
        if side in self.modes:
            return self.modes[side]
        first = reader.first_byte(DETECTION)
        if first not in (b"", b"{"):
            raise crypto.Wrong("neither mode")
        return "payload" if first else "escr"

    def _read_payload(self, side, reader):
        line, rest = reader.line()
        envelope.check_auth_line(line, self.id, self.request["clientNonce"], self.nonce,
                                 self._public[side])
        return rest

    def _challenge(self, side, made, reader):
        challenge = (crypto.b64(os.urandom(32)) if self.is_like.fresh_challenges
                     else self._challenges[side])
        line, rest = reader.challenge(challenge)
        found = escr.Response(line, {self.id: self.request.get("relayAuthAesKey")}.get)
        self.check(found, challenge, side)
        made.sendall(b"ok\n")
        return rest

    def check(self, found, challenge, side):
        """A decrypted response holds for this session; side is the port's, None for the single."""
        found.check(challenge, self.sides)
        if side not in (None, found.side):
            raise crypto.Wrong("the other side's port")
        record = self.relay.at.signing_key(found.uri, by_http=self.is_like.fresh_challenges)
        if record is None:
            raise crypto.Wrong(f"no record {found.uri}")
        found.verify(record)

    def admit(self, side, made, rest, mode):
        """Joins with the oldest of the other side, or waits; rest is data already read."""
        say(f"relay: {self.id}: side {side} authenticated by {mode}")
        made.settimeout(None)
        with self._lock:
            self._queues[side].append((made, rest))
            if self._over:
                tunnel.close(made)
                return
            if not (self._queues["a"] and self._queues["b"]):
                return
            (one, early_a), (other, early_b) = (self._queues[each].pop(0) for each in "ab")
            self._joined += 1
        threading.Thread(target=self._join, args=(one, early_a, other, early_b),
                         daemon=True).start()

    def _join(self, one, early_a, other, early_b):
        with contextlib.suppress(OSError):
            other.sendall(early_a)
            one.sendall(early_b)
        for thread in tunnel.join(one, other):
            thread.join()
        with self._lock:
            self._joined -= 1
        if time.monotonic() > self._first_pair_until:
            self._close_if_idle()

    def _close_if_idle(self):
        self._first_pair_until = 0
        with self._lock:
            if self._joined:
                return
            self._over = True
            waiting = [made for queue in self._queues.values() for made, _ in queue]
        tunnel.close(*self.listeners.values(), *waiting)
        self.relay.sessions.pop(self.id, None)

    _first_pair_until = float("inf")
