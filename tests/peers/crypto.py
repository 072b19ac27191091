# SPDX-License-Identifier: BSD-3-Clause
"""The operations of atProtocol and NoPorts: base64 text in, base64 text out."""
import base64
import hashlib
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
ZERO_IV = bytes(BLOCK)
HASHES = {"sha256": hashes.SHA256, "sha512": hashes.SHA512}


class Wrong(Exception):
    """What a peer sent cannot be what it should be."""


def b64(data):
    """Bytes as the padded standard alphabet without line breaks."""
    return base64.b64encode(data).decode()


def unb64(text):
    """The bytes of strict, padded base64; Wrong otherwise."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Wrong(f"no base64: {error}") from None


def random_key():
    """A new AES-256 key as text, 44 characters."""
    return b64(os.urandom(32))


def random_iv():
    """A new IV as text, 24 characters."""
    return b64(os.urandom(BLOCK))


class Stream:
    """AES-256-CTR over a byte stream of any chunking; encrypts and decrypts alike."""

    def __init__(self, key, iv):
        """key and iv are bytes; the IV, filled with zeros, is the first counter block."""
        cipher = Cipher(algorithms.AES(key), modes.CTR(iv.ljust(BLOCK, b"\0")))
        self._context = cipher.encryptor()

    def __call__(self, data):
        return self._context.update(data)


def pad(data):
    """PKCS#7 to blocks of 16; a whole block where nothing is missing."""
    count = BLOCK - len(data) % BLOCK
    return data + bytes([count]) * count


def unpad(data):
    """The reverse of pad; Wrong where the padding is none."""
    if not data or len(data) % BLOCK:
        raise Wrong("not a positive number of whole blocks")
    count = data[-1]
    if not 1 <= count <= BLOCK or data[-count:] != bytes([count]) * count:
        raise Wrong("bad padding")
    return data[:-count]


def encrypt(key, iv, data):
    """Value encryption: key and IV as bytes, result as base64 text."""
    return b64(Stream(key, iv)(pad(data)))


def decrypt(key, iv, text):
    """The reverse of encrypt."""
    return unpad(Stream(key, iv)(unb64(text)))


def public_key(text):
    """An RSA public key from the base64 of its SubjectPublicKeyInfo."""
    try:
        key = serialization.load_der_public_key(unb64(text.strip()))
    except ValueError as error:
        raise Wrong(f"no public key: {error}") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Wrong("no RSA key")
    return key


def private_key(text):
    """An RSA private key from the base64 of its PKCS#8."""
    return serialization.load_der_private_key(unb64(text.strip()), None)


def public_text(key):
    """The base64 SubjectPublicKeyInfo of a private key's other half."""
    return b64(key.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo))


def new_pair():
    """A new RSA-2048 private key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(key, text, hashing="sha256"):
    """RSASSA-PKCS1-v1_5 over the UTF-8 of text, as base64."""
    return b64(key.sign(text.encode(), padding.PKCS1v15(), HASHES[hashing]()))


def verify(key, text, signature, hashing="sha256"):
    """Raises Wrong unless signature is of text by key."""
    try:
        key.verify(unb64(signature), text.encode(), padding.PKCS1v15(), HASHES[hashing]())
    except Exception as error:
        raise Wrong(f"signature: {type(error).__name__}") from None


def wrap(key, text):
    """RSAES-PKCS1-v1_5 of an ASCII text, the base64 of a key or IV, as base64."""
    return b64(key.encrypt(text.encode(), padding.PKCS1v15()))


def unwrap(key, text):
    """The reverse of wrap."""
    try:
        return key.decrypt(unb64(text), padding.PKCS1v15()).decode()
    except ValueError as error:
        raise Wrong(f"unwrap: {error}") from None


def key_checksum(public):
    """pubKeyCS: the MD5 of the public key's text, in hex."""
    return hashlib.md5(public.encode()).hexdigest()


def key_id(public):
    """kid: the first 8 bytes of the SHA-256 of the decoded public key, in hex."""
    return hashlib.sha256(unb64(public)).hexdigest()[:16]
