# SPDX-License-Identifier: BSD-3-Clause
"""Signed JSON: the envelope of requests and answers, and the line of payload authentication."""
import json

from . import crypto


def compact(value):
    """JSON text as Dart and cJSON emit it: no blanks, members in order, non-ASCII raw."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def seal(payload, keys, enrolment_signature=False):
    """The envelope around payload (a dict), signed with the atSign's encryption key.

    With enrolment_signature also with the PKAM key, as the newest clients do.
    """
    text = compact(payload)
    whole = {"payload": payload, "signature": crypto.sign(keys.private, text),
             "hashingAlgo": "sha256", "signingAlgo": "rsa2048"}
    if enrolment_signature:
        whole["enrollmentSignature"] = {
            "sk": keys.signing_key_uri, "kid": crypto.key_id(keys.pkam_public), "sa": "rsa2048",
            "ha": "sha256", "s": crypto.sign(keys.pkam_private, text)}
    return compact(whole)


def read(text):
    """The envelope as a dict with the right types; crypto.Wrong otherwise."""
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise crypto.Wrong(f"no JSON: {error}") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("payload"), dict):
        raise crypto.Wrong("no envelope")
    for name in ("signature", "hashingAlgo", "signingAlgo"):
        if not isinstance(whole.get(name), str):
            raise crypto.Wrong(f"no {name}")
    return whole


def open_sealed(text, public):
    """The payload of an envelope that verifies with the public key's text; else crypto.Wrong.

    As the reference does: over a new serialisation of the payload that was read.
    """
    whole = read(text)
    if whole["hashingAlgo"] != "sha256" or whole["signingAlgo"] != "rsa2048":
        raise crypto.Wrong("other algorithms")
    crypto.verify(crypto.public_key(public), compact(whole["payload"]), whole["signature"])
    return whole["payload"]


def verify_enrolment(text, record):
    """Checks the fifth member against the signing key's record in its bare form."""
    whole = read(text)
    extra = whole["enrollmentSignature"]
    if extra.get("kid") not in (None, crypto.key_id(record)):
        raise crypto.Wrong("another key")
    crypto.verify(crypto.public_key(record), compact(whole["payload"]), extra["s"], extra["ha"])


def auth_payload(session, client_nonce, relay_nonce):
    """What both sides of a relay sign in payload mode."""
    return {"sessionId": session, "clientNonce": client_nonce, "rvdNonce": relay_nonce}


def auth_line(session, client_nonce, relay_nonce, keys):
    """The line of payload authentication as bytes, LF included."""
    return (seal(auth_payload(session, client_nonce, relay_nonce), keys) + "\n").encode()


def check_auth_line(line, session, client_nonce, relay_nonce, public):
    """As a relay checks: the nonce of the session, and the signature over its own text."""
    whole = read(line)
    if whole["payload"].get("rvdNonce") != relay_nonce:
        raise crypto.Wrong("another nonce")
    text = compact(auth_payload(session, client_nonce, relay_nonce))
    crypto.verify(crypto.public_key(public), text, whole["signature"])
