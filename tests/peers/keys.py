# SPDX-License-Identifier: BSD-3-Clause
"""Reading .atKeys files (keys-and-enrollment.md 1)."""
import json
import pathlib

from . import crypto


class AtKeys:
    """The keys of one atSign: RSA private keys as objects, public ones and AES keys as text."""

    def __init__(self, atsign, text):
        """text is the JSON of the file; crypto.Wrong where a key does not open."""
        members = json.loads(text)
        self.atsign = atsign
        self.self_key = members["selfEncryptionKey"]
        opened = {name: self._open(members[name]) for name in (
            "aesPkamPublicKey", "aesPkamPrivateKey", "aesEncryptPublicKey", "aesEncryptPrivateKey")}
        self.pkam_public = opened["aesPkamPublicKey"]
        self.pkam_private = crypto.private_key(opened["aesPkamPrivateKey"])
        self.public = opened["aesEncryptPublicKey"]
        self.private = crypto.private_key(opened["aesEncryptPrivateKey"])
        enrolment = members.get("enrollmentId")
        self.enrolment = enrolment if enrolment and enrolment != "null" else None
        for public, private in ((self.pkam_public, self.pkam_private), (self.public, self.private)):
            if crypto.public_text(private) != public:
                raise crypto.Wrong("the halves of a pair do not belong together")

    def _open(self, text):
        return crypto.decrypt(crypto.unb64(self.self_key), crypto.ZERO_IV, text).decode()

    @property
    def signing_key_uri(self):
        """Where the public half of the PKAM key is published (noports-newer.md 7.4)."""
        return f"public:_apsk.{self.enrolment or 'primary'}.a.__e{self.atsign}"


def read(path, atsign):
    """The keys in the file of atsign ("@name")."""
    return AtKeys(atsign, pathlib.Path(path).read_text(encoding="utf-8"))
