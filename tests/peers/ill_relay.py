# SPDX-License-Identifier: BSD-3-Clause
"""Ill behaviours of relays, by name: each takes the place of sending the answer."""
import json
import uuid

from . import envelope, tunnel


def _send(relay, session, client, text):
    relay.at.notify(client, f"{session.id}.sshrvd", text)


def nack(relay, session, client, _text):
    """Refuses in words."""
    relay.at.notify(client, f"nack.{session.id}.sshrvd", "this relay is closed for repairs")


def garbage(relay, session, client, _text):
    """No answer of either form."""
    _send(relay, session, client, "hello, world")


def bad_ports(relay, session, client, _text):
    """Ports that no socket has."""
    _send(relay, session, client, envelope.compact({
        "address": relay.host, "portA": 0, "portB": 99999, "rvdNonce": session.nonce,
        "supportsEventLogging": False, "autoDetectsRelayAuth": False}))


def closed_ports(relay, session, client, text):
    """Right ports, where nobody listens any more."""
    tunnel.close(*session.listeners.values())
    _send(relay, session, client, text)


def other_session(relay, session, client, text):
    """First an answer to a session that nobody asked for, then the right one."""
    relay.at.notify(client, f"{uuid.uuid4()}.sshrvd", "192.0.2.1,1,2,x")
    _send(relay, session, client, text)


def twice(relay, session, client, text):
    """A second answer, as of another instance; the first counts."""
    _send(relay, session, client, text)
    _send(relay, session, client, "192.0.2.1,1,2,x" if not text.startswith("{") else
          envelope.compact(json.loads(text) | {"address": "192.0.2.1"}))


def late_nack(relay, session, client, text):
    """Accepts, and refuses afterwards."""
    _send(relay, session, client, text)
    nack(relay, session, client, text)


def stranger(relay, session, client, text):
    """Somebody else answers first, under the same session."""
    relay.stranger.notify(client, f"{session.id}.sshrvd", "192.0.2.1,1,2,x")
    _send(relay, session, client, text)


RELAYS = {each.__name__.replace("_", "-"): each for each in (
    nack, garbage, bad_ports, closed_ports, other_session, twice, late_nack, stranger)}
