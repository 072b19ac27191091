# SPDX-License-Identifier: BSD-3-Clause
"""Ill behaviours of daemons and relays, by name. Each must leave our programs unharmed: they refuse
in words or go on as if nothing had been said."""
import os
import types

from . import crypto, envelope


class Good:
    """As the protocol has it; what the ill ones vary."""

    def description(self, body):
        """The ping's answer, or None for silence."""
        return body

    def answer(self, _session, grant, keys):
        """The text of the answer to a request, or None for silence."""
        return envelope.seal(grant, keys)


class NoFeatures(Good):
    def description(self, body):
        return {name: body[name] for name in body if name != "supportedFeatures"}


class Forged(Good):
    """Signed with another key than the one that the daemon publishes."""

    def answer(self, _session, grant, keys):
        return envelope.seal(grant, types.SimpleNamespace(private=keys.pkam_private))


class OtherSession(Good):
    """Well signed, for another session: a replay of an answer."""

    def answer(self, session, grant, keys):
        return envelope.seal(grant | {"sessionId": "0f8fad5b-d9cb-469f-a165-70867728950e"}, keys)


class OtherStatus(Good):
    def answer(self, session, grant, keys):
        return envelope.seal(grant | {"status": "denied"}, keys)


class InWords(Good):
    def answer(self, _session, _grant, _keys):
        return "No relay slots available (max 2 active)"


class Silent(Good):
    def answer(self, _session, _grant, _keys):
        return None


class NoKeys(Good):
    """Asked for encryption, answers without keys."""

    def answer(self, session, grant, keys):
        bare = {name: grant[name] for name in ("status", "sessionId")}
        return envelope.seal(bare, keys)


class ShortKey(Good):
    """A key of 16 bytes instead of 32."""

    def answer(self, session, grant, keys):
        public = crypto.public_key(session.request["clientEphemeralPK"])
        short = crypto.wrap(public, crypto.b64(os.urandom(16)))
        name = "aesKeyC2D" if "aesKeyC2D" in grant else "sessionAESKey"
        return envelope.seal(grant | {name: short}, keys)


DAEMONS = {"no-features": NoFeatures, "forged": Forged, "other-session": OtherSession,
           "other-status": OtherStatus, "in-words": InWords, "silent": Silent,
           "no-keys": NoKeys, "short-key": ShortKey}
