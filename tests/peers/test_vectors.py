# SPDX-License-Identifier: BSD-3-Clause
"""The scripted peers against the vectors of the references. Run in tests/: python3 -m unittest
peers.test_vectors"""
import hashlib
import json
import pathlib
import types
import unittest

from . import control, crypto, envelope, escr, keys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors"
SESSION = "0f8fad5b-d9cb-469f-a165-70867728950e"
NONCES = "2024-10-24T12:34:56.789012", "2024-10-24T12:34:57.123456"


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def span(first, count):
    return bytes(range(first, first + count))


KEY_T = load("key_t.json")
PRIVATE_T = crypto.private_key(KEY_T["privateKey"])
PROTO = load("proto.json")


def keys_t(atsign, enrolment=None):
    """Key T in every role, as the references' own vectors use it."""
    uri = f"public:_apsk.{enrolment or 'primary'}.a.__e{atsign}"
    return types.SimpleNamespace(atsign=atsign, private=PRIVATE_T, pkam_private=PRIVATE_T,
                                 signing_key_uri=uri, pkam_public=KEY_T["publicKey"])


class Ciphers(unittest.TestCase):
    def test_values_are_encrypted_byte_for_byte(self):
        for one in load("aes.json")["vectors"]:
            key, iv = crypto.unb64(one["keyB64"]), crypto.unb64(one["ivB64"] or "")
            plain = bytes.fromhex(one["plaintextHex"])
            with self.subTest(one["name"]):
                self.assertEqual(crypto.encrypt(key, iv, plain), one["ciphertextB64"])
                self.assertEqual(crypto.decrypt(key, iv, one["ciphertextB64"]), plain)

    def test_bad_padding_is_refused(self):
        refused = load("aes.json")["mustFail"]
        key, iv = crypto.unb64(refused["keyB64"]), crypto.unb64(refused["ivB64"])
        for one in refused["vectors"]:
            with self.subTest(one["name"]), self.assertRaises(crypto.Wrong):
                crypto.decrypt(key, iv, one["ciphertextB64"])

    def test_a_stream_is_the_same_however_it_is_cut(self):
        plain, key, iv = b"SSH-2.0-test\r\n", span(0x20, 32), span(0x10, 16)
        stream = crypto.Stream(key, iv)
        cut = b"".join(stream(plain[n:n + 1]) for n in range(len(plain)))
        self.assertEqual(cut.hex(), "230fca2305310e2867227e12d142")
        back = crypto.Stream(span(0x60, 32), span(0x50, 16))(plain)
        self.assertEqual(back.hex(), "6bf48d45c252ae09ec0029167c8e")
        carried = crypto.Stream(span(0, 32), bytes(8) + b"\xff" * 8)(bytes(32))
        self.assertEqual(carried.hex(),
                         "a6fbdb5cfde07d1b58fd362177bcffdf511dd5ef9a682b7da49f91c86c4f7ac3")

    def test_wrapped_keys_open(self):
        wrapped = KEY_T["wrappedSessionKey"], KEY_T["wrappedSessionIv"]
        self.assertEqual([crypto.unwrap(PRIVATE_T, one) for one in wrapped],
                         [crypto.b64(span(0, 32)), crypto.b64(span(0, 16))])
        fresh = crypto.random_key()
        sealed = crypto.wrap(crypto.public_key(KEY_T["publicKey"]), fresh)
        self.assertEqual(crypto.unwrap(PRIVATE_T, sealed), fresh)


class Keys(unittest.TestCase):
    def test_key_files_of_all_writers_open(self):
        plain = load("atkeys.json")["plain"]
        for writer in ("dart", "c", "python"):
            with self.subTest(writer):
                mine = keys.read(FOLDER / f"alice_key.{writer}.atKeys", "@alice")
                self.assertEqual((mine.pkam_public, mine.public, mine.self_key), (
                    plain["pkamPublicKey"], plain["encryptPublicKey"], plain["selfEncryptionKey"]))
                wanted = None if writer == "python" else plain["enrollmentId"]
                self.assertEqual(mine.enrolment, wanted)

    def test_a_challenge_is_signed_as_the_reference_signs_it(self):
        pkam = load("auth.json")["pkam"]
        key = crypto.private_key(pkam["privateKey"])
        self.assertEqual(crypto.sign(key, pkam["challenge"]), pkam["signatureSha256"])
        self.assertEqual(crypto.sign(key, pkam["challenge"], "sha512"), pkam["signatureSha512"])

    def test_a_shared_key_opens_and_names_its_recipient(self):
        shared = load("sharing.json")
        bob = crypto.private_key(shared["bobPrivateKey"])
        text = crypto.unwrap(bob, shared["theirCopy"]["value"])
        self.assertEqual(text, shared["sharedKeyB64"])
        self.assertEqual(crypto.key_checksum(shared["bobPublicKey"]), shared["pubKeyCS"])
        sealed = shared["sharedWithIv"]
        opened = crypto.decrypt(crypto.unb64(text), crypto.unb64(sealed["ivNonce"]),
                                sealed["ciphertext"])
        self.assertEqual(opened.decode(), shared["plaintext"])

    def test_key_ids(self):
        self.assertEqual(crypto.key_id(KEY_T["publicKey"]), "fd9119c11dec7879")
        self.assertEqual(crypto.key_id("AAEC"), "ae4b3280e56e2faf")


class Envelopes(unittest.TestCase):
    def test_the_line_to_the_relay(self):
        line = envelope.auth_line(SESSION, *NONCES, keys_t("@alice"))
        self.assertEqual(line.decode(), PROTO["auth_line"])
        self.assertEqual(sha256(line),
                         "af0b90feaea1b6dd1828402c279f0c50e3f707bc2643d04d069ff42153a4562e")
        envelope.check_auth_line(line, SESSION, *NONCES, KEY_T["publicKey"])
        with self.assertRaises(crypto.Wrong):
            envelope.check_auth_line(line, SESSION, NONCES[0], "other", KEY_T["publicKey"])

    def test_requests_of_both_generations(self):
        for name in ("npt", "npt_563"):
            payload = PROTO[name.replace("npt", "npt_payload")]
            sealed = PROTO[name.replace("npt", "npt_envelope")]
            with self.subTest(name):
                self.assertEqual(envelope.seal(json.loads(payload), keys_t("@client")), sealed)
                self.assertEqual(envelope.compact(envelope.open_sealed(sealed, KEY_T["publicKey"])),
                                 payload)
                forged = sealed.replace("3389", "3390")
                with self.assertRaises(crypto.Wrong):
                    envelope.open_sealed(forged, KEY_T["publicKey"])

    def test_a_request_signed_by_the_enrolment_too(self):
        mine = keys_t("@client", "6f1c0d5e-0000-4000-8000-000000000002")
        sealed = envelope.seal(json.loads(PROTO["npt_payload"]), mine, enrolment_signature=True)
        self.assertEqual(sealed, PROTO["npt_envelope_enrolled"])
        envelope.verify_enrolment(sealed, KEY_T["publicKey"])


class Escr(unittest.TestCase):
    challenge = crypto.b64(span(0x80, 32))
    aes_key = crypto.b64(span(0xa0, 32))
    iv = crypto.b64(span(0xc0, 16))

    def line_b(self):
        mine = keys_t("@daemon", "6f1c0d5e-0000-4000-8000-000000000001")
        return escr.response(SESSION, self.challenge, "b", self.aes_key, mine, self.iv)

    def test_answers_to_a_challenge(self):
        line = escr.response(SESSION, self.challenge, "a", self.aes_key, keys_t("@alice"), self.iv,
                             kid=False)
        self.assertEqual((len(line), sha256(line)), (
            1374, "6a55541c5bed7da35340042a22d7df6894e88c117bf8d124317bad08a5be807b"))
        self.assertEqual(self.line_b().decode().rstrip("\n"), PROTO["escr_line_b"].rstrip("\n"))

    def test_a_relay_reads_what_it_should(self):
        read = escr.Response(self.line_b().strip(), {SESSION: self.aes_key}.get)
        read.check(self.challenge, {"a": "@client", "b": "@daemon"})
        read.verify(KEY_T["publicKey"])
        record = {"v": 1, "keys": [{"kid": "fd9119c11dec7879", "use": "sign", "alg": "rsa2048",
                                    "pub": KEY_T["publicKey"]}]}
        read.verify(envelope.compact(record))
        for challenge, sides in (("other", {"b": "@daemon"}), (self.challenge, {"a": "@daemon"}),
                                 (self.challenge, {"b": "@other"})):
            with self.subTest(challenge=challenge, sides=sides), self.assertRaises(crypto.Wrong):
                read.check(challenge, sides)

    def test_crafted_names_of_keys_are_refused(self):
        for uri in ("_apsk.my_enrollment_id.a.__e@mallory.a.__e@alice",
                    "cached:public:_apsk.x.a.__e@alice", "public:_apsk.x.a.__e@alice:x",
                    "public:_apsk.x.a.__e@eve:z.a.__e@alice"):
            with self.subTest(uri):
                self.assertIsNone(escr.URI.fullmatch(uri))


class Control(unittest.TestCase):
    lines = (b"connect:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=:EBESExQVFhcYGRobHB0eHw==:"
             b"YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8=:UFFSU1RVVldYWVpbXF1eXw==\n"
             b"heartbeat:1\n")

    def test_connect_lines_are_the_reference_s(self):
        pairs = [(crypto.b64(span(0x20, 32)), crypto.b64(span(0x10, 16))),
                 (crypto.b64(span(0x60, 32)), crypto.b64(span(0x50, 16)))]
        self.assertEqual(control.connect_line(pairs) + control.heartbeat_line(1), self.lines)
        self.assertEqual(len(control.connect_line(pairs[:1])), 78)
        stream = crypto.Stream(span(0, 32), span(0, 16))
        self.assertEqual(sha256(stream(self.lines)), sha256(bytes.fromhex(
            "39016a396d9805acb96d10544bbaf7fe2a9a73ba88d6372f1955cb243e9f61b7510f3a6b74919597"
            "f4a56093aa6bb0abc6a13f4f12d5e5aa3a052541af22853e570c70419a054b1aa9e5b344a9fddb79"
            "a91bdb3151a23f2f906135a4f82b3657506e0fb6777ef794c656cf9fd8f4549c815bf365a2f6e69d"
            "9f97b92917b61fbb5d9ad334502d449f63c1e76e12309c72b3b3f6a9280966135124bb0932e32620")))

    def test_the_new_daemon_reassembles_lines(self):
        for cut in set(range(1, len(self.lines))) - {control.OLD_MESSAGE}:  # see Reassembling
            reader = control.Reassembling()
            found = reader.feed(self.lines[:cut]) + reader.feed(self.lines[cut:])
            self.assertEqual([len(fields) for fields in found], [5, 2])

    def test_unterminated_messages_of_77_bytes(self):
        message = control.connect_line([(crypto.random_key(), crypto.random_iv())]).rstrip(b"\n")
        self.assertEqual(len(message), 77)
        reader = control.Reassembling()
        found = reader.feed(message[:50]) + reader.feed(message[50:] + message)
        self.assertEqual(len(found), 2)
        self.assertEqual(len(control.DartChunks().feed(message + message)), 2)

    def test_the_c_daemon_knows_whole_lines_alone(self):
        whole = control.connect_line([(crypto.random_key(), crypto.random_iv())])
        self.assertEqual(len(control.CChunks().feed(whole + whole)), 2)
        reader = control.CChunks()
        with self.assertRaises(crypto.Wrong):
            reader.feed(whole[:20])
        with self.assertRaises(crypto.Wrong):
            control.CChunks().feed(b"heartbeat:1\n")


if __name__ == "__main__":
    unittest.main()
