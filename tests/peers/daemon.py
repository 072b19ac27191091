# SPDX-License-Identifier: BSD-3-Clause
"""The daemon's role: answers pings and session requests, and carries connections to a service."""
import json
import re
import threading

from . import crypto, envelope, ill, tunnel
from .tunnel import say
from .wire import AtError

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Daemon:
    """One device of an atSign; its name may be that of an ill behaviour."""

    def __init__(self, at, generation, device, managers, permit_open, sshd_port=22,
                 behaviour=None):
        """at: an AtClient. permit_open: texts "host:port"."""
        self.sshd_port = sshd_port
        self.at, self.is_like, self.device = at, generation, device
        self.managers, self.permit_open = managers, permit_open
        self.behaviour = behaviour or ill.Good()
        self._served = set()

    def start(self):
        """Serves and publishes on threads."""
        end = f".{self.device}.sshnp@"
        asked = self.at.expect(lambda key, sender: end in key and key.endswith(sender))
        if self.is_like.knows_escr:
            self.at.publish_signing_key()
        threading.Thread(target=self._serve, args=(asked,), daemon=True).start()
        threading.Thread(target=self._publish, daemon=True).start()

    def _publish(self):
        for manager in self.managers:
            self.at.put(manager, f"username.{self.device}.sshnp", "nobody")
            self.at.put(manager, f"device_info.{self.device}.sshnp",
                        envelope.compact(self.describe()), "ttl:2592000000:ttr:-1:ccd:true:")

    def _serve(self, asked):
        while True:
            notification = asked.get()
            kind = notification.key.split(":", 1)[1].split(".", 1)[0]
            if notification.key != (f"{self.at.atsign}:{kind}.{self.device}.sshnp"
                                    f"{notification.sender}"):
                continue
            handler = {"ping": self._ping, "npt_request": self._request,
                       "ssh_request": self._request}.get(kind)
            if handler:
                threading.Thread(target=self._guarded, args=(handler, notification, kind),
                                 daemon=True).start()

    def _guarded(self, handler, notification, kind):
        if self.is_like.checks_sender and notification.sender not in self.managers:
            say(f"{self.device}: {notification.sender} is not authorised")
            return
        try:
            handler(notification, kind)
        except (crypto.Wrong, AtError, OSError, KeyError, TypeError, ValueError) as error:
            say(f"{self.device}: {notification.key}: {error!r}")

    def describe(self):
        """The body of heartbeat and device_info."""
        body = {"devicename": self.device}
        if self.is_like.says_group:
            body["deviceGroupName"] = "__none__"
        body |= {"version": self.is_like.version[0],
                 "corePackageVersion": self.is_like.version[1],
                 "supportedFeatures": {name: name != "acceptsPublicKeys"
                                       for name in self.is_like.features}}
        if self.is_like.says_modes:
            body["authModes"] = ["payload", "escr"]
        body["allowedServices"] = self.permit_open
        if self.is_like.says_modes:
            body |= {"npCpVersion": "1.5.0", "publicSigningKeyUri": self.at.keys.signing_key_uri}
        return body

    def _ping(self, notification, _kind):
        body = self.behaviour.description(self.describe())
        if body is not None:
            self.at.notify(notification.sender, f"heartbeat.{self.device}.sshnp",
                           envelope.compact(body))

    def answer(self, to, session, text):
        """Sends an answer to a request: an envelope, or the words of a refusal."""
        self.at.notify(to, f"{session}.{self.device}.sshnp", text)

    def _request(self, notification, kind):
        client = notification.sender
        request = envelope.read(notification.value)["payload"]
        session = request["sessionId"]
        if kind == "ssh_request":
            if request["direct"] is not True:
                raise crypto.Wrong("reverse ssh")
            target, made = ("localhost", self.sshd_port), SingleSession
        else:
            target, made = (request["requestedHost"], request["requestedPort"]), Session
        if not UUID.fullmatch(session):
            raise crypto.Wrong("session id")
        if self.is_like.takes_mutex and not self.at.take_mutex(f"{session}.session_mutexes.sshnp"):
            return
        refusal = self._reason_against(notification, "{}:{}".format(*target))
        if refusal:
            say(f"{self.device}: {session}: {refusal}")
            if self.is_like.refuses_in_words:
                self.answer(client, session, refusal)
            return
        say(f"{self.device}: {session}: " + json.dumps(sorted(request)))
        made(self, client, request, target).serve()

    def _reason_against(self, notification, target):
        """The sentence of a refusal, or None."""
        try:
            envelope.open_sealed(notification.value, self.at.public_key_of(notification.sender))
        except crypto.Wrong as error:
            return f"Signature not verified: {error}"
        if target not in self.permit_open:
            return (f"Connection to {target} denied based on daemon --permit-open "
                    f"[{', '.join(self.permit_open)}]" if self.is_like.knows_escr
                    else f"Daemon does not permit connections to {target}")
        return None


class Session:
    """One npt session: the control socket, and a relay socket for each connect line."""
    relay_members = "rvdHost", "rvdPort"

    def __init__(self, daemon, client, request, target):
        """target: (host, port) of the service."""
        self.target, self.relay = target, tuple(request[name] for name in self.relay_members)
        self.daemon, self.is_like, self.client, self.request = (
            daemon, daemon.is_like, client, request)
        self.id = request["sessionId"]
        self.twin = self.is_like.knows_twin_keys and request.get("twinKeys") is True
        self.ciphers = tunnel.Ciphers(tunnel.Pair(), tunnel.Pair() if self.twin else None)
        self.auth = self._authentication()
        self._opened, self._lock = [], threading.Lock()

    def _authentication(self):
        request, keys = self.request, self.daemon.at.keys
        if not request.get("authenticateToRvd"):
            return tunnel.no_auth
        if self.is_like.knows_escr and request.get("relayAuthMode") == "escr":
            return tunnel.Escr(self.id, "b", request["relayAuthAesKey"], keys)
        return tunnel.Payload(self.id, request["clientNonce"], request["rvdNonce"], keys)

    @property
    def _is_c(self):
        return self.is_like.dialect == "c"

    def serve(self):
        made = self._meet()
        if made is None:
            return
        try:
            self._read_control(made)
        except (crypto.Wrong, OSError) as error:
            say(f"{self.daemon.device}: {self.id}: control: {error}")
        finally:
            tunnel.close(made, *self._opened)

    def _meet(self):
        """Answers, and the first socket; or None where the client is told why there is none."""
        try:
            if self.is_like.answers_first:
                self._grant()
            made = self._dial_first()
            if not self.is_like.answers_first:
                self._grant()
            return made
        except OSError as error:
            say(f"{self.daemon.device}: {self.id}: {error}")
            if self.is_like.refuses_in_words and not self.is_like.answers_first:
                self.daemon.answer(self.client, self.id, "Failed to start up the daemon side of "
                                   f"the relay socket tunnel : {error}")
            return None

    def _dial_first(self):
        return self._dial()

    def _dial(self):
        made = tunnel.dial(*self.relay, self._is_c)
        try:
            self.auth(made)
        except OSError:
            tunnel.close(made)
            raise
        return made

    def grant(self):
        """The answer's payload, keys wrapped for the client."""
        def wrapped(text):
            return crypto.wrap(crypto.public_key(self.request["clientEphemeralPK"]), text)
        sealed = [wrapped(text) for pair in self.ciphers.pairs for text in pair]
        names = ("aesKeyC2D", "ivC2D", "aesKeyD2C", "ivD2C") if self.twin else (
            "sessionAESKey", "sessionIV")
        body = {"status": "connected", "sessionId": self.id, **dict(zip(names, sealed))}
        if self.is_like.knows_twin_keys:
            body |= {"aesKeyD2C": body.get("aesKeyD2C"), "ivD2C": body.get("ivD2C"),
                     "eventLoggingConfig": None}
        return body

    def _grant(self):
        text = self.daemon.behaviour.answer(self, self.grant(), self.daemon.at.keys)
        if text is not None:
            self.daemon.answer(self.client, self.id, text)

    def _read_control(self, made):
        made.settimeout(None)
        from_client, reader = self.ciphers.c2d.stream(), self.is_like.control_reader()
        while data := made.recv(4096):
            for fields in reader.feed(from_client(data)):
                if fields[0] != "connect":
                    say(f"{self.daemon.device}: {self.id}: control: {':'.join(fields)}")
                elif self.is_like.in_order:
                    self._carry(fields)
                else:
                    threading.Thread(target=self._carry, args=(fields,), daemon=True).start()

    def _carry(self, fields):
        """One connect line; a failure ends this connection alone."""
        pairs = [tunnel.Pair(*fields[at:at + 2]) for at in range(1, len(fields), 2)]
        ciphers = tunnel.Ciphers(*pairs)
        relay = service = None
        try:
            if self.is_like.service_first:
                service, relay = self._dial_service(), self._dial()
            else:
                relay = self._dial()
                service = self._dial_service()
        except OSError as error:
            say(f"{self.daemon.device}: {self.id}: {error}")
            tunnel.close(*[one for one in (relay, service) if one])
            return
        with self._lock:
            self._opened += [relay, service]
        tunnel.join(relay, service, ciphers.c2d.stream(), ciphers.d2c.stream(),
                    chunk=self.is_like.chunk, passes_end=self.is_like.passes_end)

    def _dial_service(self):
        return tunnel.dial(*self.target, self._is_c)


class SingleSession(Session):
    """One ssh session: a single stream to the device's sshd, under the session's own keys."""
    relay_members = "host", "port"

    def grant(self):
        body = super().grant()
        if self.is_like.name in ("old", "c"):
            # The old ones send an ephemeral ssh key, or null, whether it is needed or not.
            pem = None if self._is_c else "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            items = list(body.items())
            body = dict([*items[:2], ("ephemeralPrivateKey", pem), *items[2:]])
        return body

    def _dial_first(self):
        """The service first, in every generation."""
        self._service = self._dial_service()
        try:
            return self._dial()
        except OSError:
            tunnel.close(self._service)
            raise

    def _read_control(self, made):
        ciphers = self.ciphers
        for thread in tunnel.join(made, self._service, ciphers.c2d.stream(), ciphers.d2c.stream(),
                                  chunk=self.is_like.chunk):
            thread.join()
