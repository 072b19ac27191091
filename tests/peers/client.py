# SPDX-License-Identifier: BSD-3-Clause
"""The client's role: asks relay and daemon for a session and listens locally."""
import contextlib
import json
import queue
import uuid

from . import connector, crypto, envelope, tunnel

RELAY_PATIENCE, PING_PATIENCE, SESSION_PATIENCE = 20, 20, 15  # seconds, the reference's
DEFAULT_TIMEOUT = 30_000  # ms; any other needs the daemon's adjustableTimeout

NEEDED = (("srAuth", "authenticate to the socket rendezvous"),
          ("srE2ee", "encrypt traffic to the socket rendezvous"))
PORT_CHOICE = "supportsPortChoice", "support requests for specific device ports"
ADJUSTABLE = "adjustableTimeout", "support the 'timeout' value in npt session requests"
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

    def __init__(self, at, generation, ephemeral, session_type=None, tunnel_type=None):
        """at: an AtClient whose monitor runs. generation: a generations.Client. ephemeral: the RSA
        key to which daemons wrap session keys. The types are those of ill clients."""
        self.session_type, self.tunnel_type = session_type or Session, tunnel_type
        self.at, self.is_like = at, generation
        self.ephemeral = ephemeral
        if generation.prefers == "escr":
            at.publish_signing_key()

    def open(self, relay, daemon, device, host, port, timeout=DEFAULT_TIMEOUT, heartbeat=None):
        """A connector to host:port as the device sees it; Refused if it does not come about.

        host None asks for the device's sshd, as sshnp does. timeout in ms; heartbeat in seconds
        between control heartbeats, None for none.
        """
        session = self.session_type(self, relay, daemon, device)
        try:
            session.ask(timeout, host is not None)
            return session.request(host, port, timeout, heartbeat)
        finally:
            session.close()


class Session:
    """What is asked and answered until the tunnel stands."""

    def __init__(self, client, relay, daemon, device):
        self.at, self.is_like, self.tunnel_type = client.at, client.is_like, client.tunnel_type
        self.relay, self.daemon, self.device = relay, daemon, device
        self.ephemeral = client.ephemeral
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

    def ask(self, timeout, is_npt):
        """Ping and relay request side by side, then what their answers allow."""
        self.at.notify(self.daemon, f"ping.{self.device}.sshnp", "ping")
        self.at.notify(self.relay, f"{self.device}.request_ports.sshrvd",
                       envelope.compact(self.relay_request()))
        self.lease = self._await_lease()
        body = json.loads(self._wait(f"heartbeat.{self.device}.sshnp", self.daemon, PING_PATIENCE,
                                     "device", "Daemon feature check timed out"))
        self.features = body.get("supportedFeatures", {"acceptsPublicKeys": True})
        needed = [*NEEDED, *([PORT_CHOICE] if is_npt else []),
                  *([ADJUSTABLE] if timeout != DEFAULT_TIMEOUT else [])]
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

    def payload(self, host, port, timeout):
        """An npt_request of twelve members, or sixteen; for the device's sshd an ssh_request of
        ten, or fourteen."""
        new = self.is_like.asks_relay_in_full
        if host is None:
            body = {"direct": True, "sessionId": self.id, "host": self.lease.host,
                    "port": self.lease.port_b}
        else:
            body = {"sessionId": self.id, "rvdHost": self.lease.host, "rvdPort": self.lease.port_b,
                    "requestedPort": port, "requestedHost": host}
        body["authenticateToRvd"] = True
        if new:
            body |= {"relayAuthMode": self.mode_b,
                     "relayAuthAesKey": self.aes_key if self.mode_b == "escr" else None}
        body |= {"clientNonce": self.client_nonce, "rvdNonce": self.lease.nonce,
                 "encryptRvdTraffic": True, "clientEphemeralPK": crypto.public_text(self.ephemeral),
                 "clientEphemeralPKType": "rsa2048"}
        if host is not None:
            body["timeout"] = timeout
        if new:
            twin = self.is_like.knows_twin_keys and self.features.get("twinKeys") is True
            body |= {"twinKeys": twin,
                     "relayAtsign": self.relay if self.lease.logs_events else None}
        return body

    def request(self, host, port, timeout, heartbeat):
        """Asks the daemon and connects."""
        if self.lease.detects:
            self.at.notify(self.relay, f"{self.device}.auth_modes.sshrvd", envelope.compact({
                "sessionId": self.id, "rvdNonce": self.lease.nonce, "sideA": self.mode_a,
                "sideB": self.mode_b}))
        kind = "ssh_request" if host is None else "npt_request"
        self.at.notify(self.daemon, f"{kind}.{self.device}.sshnp",
                       self.seal(self.payload(host, port, timeout)))
        ciphers = self._read_grant(self._wait(
            f"{self.id}.{self.device}.sshnp", self.daemon, SESSION_PATIENCE, "device",
            "No response from the device daemon"))
        beats = heartbeat if (self.is_like.knows_heartbeats
                              and self.features.get("controlChannelHeartbeats") is True) else None
        made = self.tunnel_type or (connector.SingleTunnel if host is None else connector.Tunnel)
        return made(self.is_like, (self.lease.host, self.lease.port_a), self.authentication(),
                    ciphers, beats)

    def seal(self, payload):
        """The signed text of a request."""
        return envelope.seal(payload, self.at.keys, self.is_like.signs_as_enrolment)

    def authentication(self):
        """What each socket does first towards the relay."""
        if self.mode_a == "escr":
            return tunnel.Escr(self.id, "a", self.aes_key, self.at.keys)
        return tunnel.Payload(self.id, self.client_nonce, self.lease.nonce, self.at.keys)

    def _read_grant(self, text):
        """The session's keys; Refused where the daemon refuses or its answer does not hold."""
        if not text.startswith("{"):
            raise Refused("device", text)
        grant = envelope.open_sealed(text, self.at.public_key_of(self.daemon))
        if grant["status"] != "connected" or grant["sessionId"] != self.id:
            raise Refused("device", "an answer to another request")

        def pair(key, iv):
            return tunnel.Pair(crypto.unwrap(self.ephemeral, key),
                               crypto.unwrap(self.ephemeral, iv))
        c2d = pair(grant.get("sessionAESKey") or grant["aesKeyC2D"],
                   grant.get("sessionIV") or grant["ivC2D"])
        has_other = grant.get("aesKeyD2C") is not None
        return tunnel.Ciphers(c2d, pair(grant["aesKeyD2C"], grant["ivD2C"]) if has_other else None)
