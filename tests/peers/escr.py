# SPDX-License-Identifier: BSD-3-Clause
"""ESCR: the encrypted, signed answer to a relay's challenge (noports-newer.md 7)."""
import json
import re

from . import crypto
from .envelope import compact

URI = re.compile(r"(public:)?_apsk\.[A-Za-z0-9_-]+\.a\.__e@[^@:\s]+")


def response(session, challenge, side, aes_key, keys, iv=None, kid=True):
    """The peer's line as bytes, LF included. side is "a" or "b", aes_key text, iv text or None."""
    signed = {"sid": session, "c": challenge, "side": side}
    inner = {"p": signed, "s": crypto.sign(keys.pkam_private, compact(signed)), "ha": "sha256",
             "sa": "rsa2048", "sk": keys.signing_key_uri}
    if kid:
        inner["kid"] = crypto.key_id(keys.pkam_public)
    iv = iv or crypto.random_iv()
    text = crypto.b64(compact(inner).encode()).encode()
    sealed = crypto.encrypt(crypto.unb64(aes_key), crypto.unb64(iv), text)
    outer = crypto.b64(compact({"iv": iv, "e": sealed}).encode())
    return f"{session}:{outer}\n".encode()


class Response:
    """A peer's line, decrypted: session, challenge, side, and who signed what with which key."""

    def __init__(self, line, aes_key_of):
        """aes_key_of(session) gives the AES key's text or None; crypto.Wrong on any fault."""
        if any(not 33 <= byte <= 127 for byte in line):
            raise crypto.Wrong("not printable")
        parts = line.decode().split(":")
        if len(parts) != 2:
            raise crypto.Wrong("not two parts")
        self.session = parts[0]
        aes_key = aes_key_of(self.session)
        if aes_key is None:
            raise crypto.Wrong("session is not active")
        try:
            outer = json.loads(crypto.unb64(parts[1]))
            text = crypto.decrypt(crypto.unb64(aes_key), crypto.unb64(outer["iv"]), outer["e"])
            inner = json.loads(crypto.unb64(text))
            self.signed, self.signature = inner["p"], inner["s"]
            self.hashing, self.algorithm, self.uri = inner["ha"], inner["sa"], inner["sk"]
            self.kid = inner.get("kid")
            self.side = self.signed["side"].lower()
            self.challenge = self.signed["c"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise crypto.Wrong(f"malformed response: {error!r}") from None

    def check(self, challenge, sides):
        """Everything but the signature; sides is {"a": atSign, "b": atSign} of the session."""
        if self.signed.get("sid") != self.session or self.challenge != challenge:
            raise crypto.Wrong("another session or challenge")
        if self.side not in sides:
            raise crypto.Wrong("another side")
        if not URI.fullmatch(self.uri) or self.algorithm != "rsa2048":
            raise crypto.Wrong("no signing key of ours")
        if "@" + self.uri.rsplit("@", 1)[1] != sides[self.side]:
            raise crypto.Wrong("somebody else's key")

    def verify(self, record):
        """Raises crypto.Wrong unless signed with the key that record, a _apsk value, offers."""
        crypto.verify(crypto.public_key(_choose(record.strip(), self.kid)), compact(self.signed),
                      self.signature, self.hashing)


def _choose(record, kid):
    if not record.startswith("{"):
        offered = {crypto.key_id(record): record}
    else:
        offered = {key["kid"]: key["pub"] for key in json.loads(record)["keys"]
                   if key.get("use") == "sign" and key.get("alg") == "rsa2048"
                   and key.get("status") in (None, "active")}
    if kid is None and len(offered) == 1:
        return next(iter(offered.values()))
    if kid not in offered:
        raise crypto.Wrong("no such key id")
    return offered[kid]
