# SPDX-License-Identifier: BSD-3-Clause
"""The client's role: asks relay and daemon for an npt session and listens locally."""
import contextlib
import json
import queue
import threading
import uuid

from . import crypto, envelope, generations, tunnel

RELAY_PATIENCE, PING_PATIENCE, SESSION_PATIENCE = 20, 20, 15  # seconds
DEFAULT_TIMEOUT = 30_000  # ms; any other needs the daemon's adjustableTimeout

NEEDED = (("srAuth", "authenticate to the socket rendezvous"),
          ("srE2ee", "encrypt traffic to the socket rendezvous"),
          ("supportsPortChoice", "support requests for specific device ports"))
NO_ESCR = "This session requires ESCR relay auth on the device daemon"


class Refused(Exception):
    """The session did not come about; who says so and the sentence."""

    def __init__(self, hop, text):
        super().__init__(f"{hop}: {text}")
        self.hop, self.text = hop, text


def nonce():
    """Any text without a comma does."""
    return crypto.b64(crypto.unb64(crypto.random_iv()))


class Lease:
    """The relay's answer, in either form."""

    def __init__(self, text, json_expected):
        if json_expected and text.startswith("{"):
            answer = json.loads(text)
            self.host, self.port_a, self.port_b, self.nonce = (
                answer["address"], answer["portA"], answer["portB"], answer["rvdNonce"])
            self.detects = answer.get("autoDetectsRelayAuth", False)
            self.logs_events = answer["supportsEventLogging"]
        else:
            self.host, port_a, port_b, self.nonce = text.split(",")
            self.port_a, self.port_b, self.detects, self.logs_events = (
                int(port_a), int(port_b), False, False)


class Client:
    """One client program; each open() is one session of it."""

    def __init__(self, at, generation):
        """at: an AtClient whose monitor runs. generation: a generations.Client."""
        self.at, self.is_like = at, generation
        self._ephemeral = crypto.new_pair()
        if generation.prefers == "escr":
            at.publish_signing_key()

    def open(self, relay, daemon, device, host, port, timeout=DEFAULT_TIMEOUT, heartbeat=None):
        """A Tunnel to host:port as the device sees it; Refused if it does not come about.

        timeout in ms; heartbeat in seconds between control heartbeats, None for none.
        """
        session = Session(self, relay, daemon, device)
        try:
            session.ask(timeout)
            return session.request(host, port, timeout, self._ephemeral, heartbeat)
        finally:
            session.close()


class Session:
    """What is asked and answered until the tunnel stands."""

    def __init__(self, client, relay, daemon, device):
        self.at, self.is_like = client.at, client.is_like
        self.relay, self.daemon, self.device = relay, daemon, device
        self.id, self.client_nonce = str(uuid.uuid4()), nonce()
        self.aes_key = crypto.random_key()
        me = self.at.atsign
        answers = (f"{me}:{self.id}.sshrvd{relay}", f"{me}:nack.{self.id}.sshrvd{relay}",
                   f"{me}:heartbeat.{device}.sshnp{daemon}",
                   f"{me}:{self.id}.{device}.sshnp{daemon}")
        self._arrived = {key: self.at.expect(self._fits(key)) for key in answers}

    @staticmethod
    def _fits(wanted):
        owner = "@" + wanted.rsplit("@", 1)[1]
        return lambda key, sender: key == wanted and sender == owner

    def close(self):
        for found in self._arrived.values():
            self.at.forget(found)

    def _wait(self, name, owner, patience, hop, otherwise):
        try:
            return self._arrived[f"{self.at.atsign}:{name}{owner}"].get(timeout=patience).value
        except queue.Empty:
            raise Refused(hop, otherwise) from None

    def ask(self, timeout):
        """Ping and relay request side by side, then what their answers allow."""
        self.at.notify(self.daemon, f"ping.{self.device}.sshnp", "ping")
        self.at.notify(self.relay, f"{self.device}.request_ports.sshrvd",
                       envelope.compact(self.relay_request()))
        self.lease = self._await_lease()
        body = json.loads(self._wait(f"heartbeat.{self.device}.sshnp", self.daemon, PING_PATIENCE,
                                     "device", "Daemon feature check timed out"))
        self.features = body.get("supportedFeatures", {"acceptsPublicKeys": True})
        needed = list(NEEDED)
        if timeout != DEFAULT_TIMEOUT:
            needed.append(("adjustableTimeout",
                           "support the 'timeout' value in npt session requests"))
        for name, text in needed:
            if self.features.get(name) is not True:
                raise Refused("device", f"This device daemon does not {text}")
        self.mode_a, self.mode_b = self._modes()

    def relay_request(self):
        """The body of request_ports: six members, or twelve."""
        body = {"sessionId": self.id, "atSignA": self.at.atsign, "atSignB": self.daemon,
                "authenticateSocketA": True, "authenticateSocketB": True,
                "clientNonce": self.client_nonce}
        if self.is_like.asks_relay_in_full:
            forced = self.is_like.single_port or self.is_like.insists
            prefers_escr = self.is_like.prefers == "escr"
            body |= {"relayAuthMode": "escr" if forced else "payload",
                     "relayAuthAesKey": self.aes_key if prefers_escr else None,
                     "only443": self.is_like.single_port, "multipleAcksOk": True,
                     "preFetch": [self.at.keys.signing_key_uri] if prefers_escr else [],
                     "sendJsonResponse": True}
        return body

    def _await_lease(self):
        """The first answer; a refusal counts when there is none."""
        refusal = self._arrived[f"{self.at.atsign}:nack.{self.id}.sshrvd{self.relay}"]
        for _ in range(RELAY_PATIENCE * 4):
            with contextlib.suppress(Refused):
                answer = self._wait(f"{self.id}.sshrvd", self.relay, 0.25, "relay", "")
                return Lease(answer, self.is_like.asks_relay_in_full)
            with contextlib.suppress(queue.Empty):
                raise Refused("relay", refusal.get_nowait().value)
        raise Refused("relay", f"Connection timeout to srvd {self.relay} service")

    def _modes(self):
        """noports-newer.md 9.2: how each side authenticates."""
        device_can = self.features.get("supportsRamEscr") is True
        wants = self.is_like.prefers == "escr"
        if self.is_like.single_port or (wants and self.is_like.insists and not self.lease.detects):
            if not device_can:
                raise Refused("device", NO_ESCR)
            return "escr", "escr"
        if wants and self.lease.detects:
            return "escr", "escr" if device_can else "payload"
        return "payload", "payload"

    def npt_request(self, host, port, timeout, ephemeral):
        """The payload: twelve members, or sixteen."""
        new = self.is_like.asks_relay_in_full
        escr = self.mode_b == "escr"
        body = {"sessionId": self.id, "rvdHost": self.lease.host, "rvdPort": self.lease.port_b,
                "requestedPort": port, "requestedHost": host, "authenticateToRvd": True}
        if new:
            body |= {"relayAuthMode": self.mode_b,
                     "relayAuthAesKey": self.aes_key if escr else None}
        body |= {"clientNonce": self.client_nonce, "rvdNonce": self.lease.nonce,
                 "encryptRvdTraffic": True, "clientEphemeralPK": crypto.public_text(ephemeral),
                 "clientEphemeralPKType": "rsa2048", "timeout": timeout}
        if new:
            twin = self.is_like.knows_twin_keys and self.features.get("twinKeys") is True
            body |= {"twinKeys": twin,
                     "relayAtsign": self.relay if self.lease.logs_events else None}
        return body

    def request(self, host, port, timeout, ephemeral, heartbeat):
        """Asks the daemon and connects the control socket."""
        if self.lease.detects:
            self.at.notify(self.relay, f"{self.device}.auth_modes.sshrvd", envelope.compact({
                "sessionId": self.id, "rvdNonce": self.lease.nonce, "sideA": self.mode_a,
                "sideB": self.mode_b}))
        sealed = envelope.seal(self.npt_request(host, port, timeout, ephemeral), self.at.keys,
                               self.is_like.signs_as_enrolment)
        self.at.notify(self.daemon, f"npt_request.{self.device}.sshnp", sealed)
        ciphers = self._read_grant(self._wait(
            f"{self.id}.{self.device}.sshnp", self.daemon, SESSION_PATIENCE, "device",
            "No response from the device daemon"), ephemeral)
        auth = (tunnel.Escr(self.id, "a", self.aes_key, self.at.keys) if self.mode_a == "escr"
                else tunnel.Payload(self.id, self.client_nonce, self.lease.nonce, self.at.keys))
        beats = heartbeat if (self.is_like.knows_heartbeats
                              and self.features.get("controlChannelHeartbeats") is True) else None
        return Tunnel(self.is_like, (self.lease.host, self.lease.port_a), auth, ciphers, beats)

    def _read_grant(self, text, ephemeral):
        """The session's keys; Refused where the daemon refuses or its answer does not hold."""
        if not text.startswith("{"):
            raise Refused("device", text)
        grant = envelope.open_sealed(text, self.at.public_key_of(self.daemon))
        if grant["status"] != "connected" or grant["sessionId"] != self.id:
            raise Refused("device", "an answer to another request")

        def pair(key, iv):
            return tunnel.Pair(crypto.unwrap(ephemeral, key), crypto.unwrap(ephemeral, iv))
        c2d = pair(grant.get("sessionAESKey") or grant["aesKeyC2D"],
                   grant.get("sessionIV") or grant["ivC2D"])
        has_other = grant.get("aesKeyD2C") is not None
        return tunnel.Ciphers(c2d, pair(grant["aesKeyD2C"], grant["ivD2C"]) if has_other else None)


class Tunnel:
    """The client's connector: a control socket, and a local port whose connections go through."""

    def __init__(self, generation, relay, auth, ciphers, heartbeat):
        from . import control  # here alone
        self._lines, self.is_like, self._relay, self._auth = control, generation, relay, auth
        self.ciphers, self.mode = ciphers, auth.mode
        self._control = self._dial()
        self._to_daemon = ciphers.c2d.stream()
        self._opening = threading.Lock()  # one after the other, so that pairs do not cross
        self._over = threading.Event()
        self._listener = tunnel.listen()
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        self._start(self._watch)
        if heartbeat:
            self._start(self._beat, heartbeat)

    @staticmethod
    def _start(target, *args):
        threading.Thread(target=target, args=args, daemon=True).start()

    def _dial(self, before_auth=None):
        made = tunnel.dial(*self._relay)
        if before_auth:
            before_auth()
        self._auth(made)
        return made

    def tell(self, line):
        """A control line in one write."""
        if not self.is_like.ends_lines:
            line = line.rstrip(b"\n")
        self._control.sendall(self._to_daemon(line))

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                local, _ = self._listener.accept()
                self._start(self._carry, local)

    def _carry(self, local):
        twin = len(self.ciphers.pairs) == 2
        ciphers = tunnel.Ciphers(tunnel.Pair(), tunnel.Pair() if twin else None)
        line = self._lines.connect_line(ciphers.pairs)
        try:
            with self._opening:
                if self.is_like.connects_first:
                    remote = self._dial(lambda: self.tell(line))
                else:
                    remote = self._dial()
                    self.tell(line)
        except OSError as error:
            tunnel.say("client: data socket:", error)
            tunnel.close(local)
            return
        tunnel.join(local, remote, ciphers.c2d.stream(), ciphers.d2c.stream())

    def _watch(self):
        """The control socket's end is the session's; what arrives there is ignored."""
        with contextlib.suppress(OSError):
            self._control.settimeout(None)
            while self._control.recv(4096):
                pass
        self.close()

    def _beat(self, seconds):
        number = 0
        while not self._over.wait(seconds):
            number += 1
            with contextlib.suppress(OSError):
                self.tell(self._lines.heartbeat_line(number))

    def is_over(self, patience):
        """Whether the session has ended within so many seconds."""
        return self._over.wait(patience)

    def close(self):
        self._over.set()
        tunnel.close(self._listener, self._control)


def of(at, generation):
    """A client by the name of its generation."""
    return Client(at, generations.CLIENTS[generation])
