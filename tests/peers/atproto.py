# SPDX-License-Identifier: BSD-3-Clause
"""One atSign's client: records, notifications with encrypted values, and a monitor."""
import json
import queue
import sys
import threading
import time
import uuid

from . import crypto, wire
from .wire import AtError

LIFETIME = 10_000  # ms, of the keys of most notifications


class Notification:
    """What arrived: sender, full key in lower case, and the value in clear."""

    def __init__(self, sender, key, value):
        self.sender, self.key, self.value = sender, key, value


class AtClient:
    """Speaks for the atSign of its keys, in the manner of the Dart or the C library."""

    def __init__(self, root, keys, dialect="dart"):
        """root is the directory's "host:port". Connects at once."""
        self.keys, self.atsign, self._root, self._dialect = keys, keys.atsign, root, dialect
        self._address = wire.find(root, self.atsign)
        self._worker = self._log_in()
        self._lock = threading.RLock()
        self._sending, self._receiving = {}, {}  # AES keys by atSign
        self._waiting = []
        self._has_published = False

    def _log_in(self):
        connection = wire.Connection(self._address, self._dialect)
        connection.log_in(self.keys, self._dialect)
        return connection

    # --- records ---------------------------------------------------------------------------------

    def command(self, command):
        """One command on the worker connection, which is made anew once if it has gone."""
        try:
            return self._worker.command(command)
        except (ConnectionError, OSError):
            self._worker = self._log_in()
            return self._worker.command(command)

    def public_key_of(self, atsign):
        """The text of the atSign's encryption public key."""
        return self.command(f"plookup:publickey{atsign}").strip()

    def signing_key(self, uri, by_http):
        """The value of a _apsk record, or None: by HTTP from its owner, or through our atServer."""
        name, _, owner = uri.removeprefix("public:").rpartition("@")
        if by_http:
            return wire.http_lookup(wire.find(self._root, "@" + owner), "@" + owner, name)
        try:
            return self.command(f"plookup:bypassCache:true:{name}@{owner}")
        except AtError:
            return None

    def publish_signing_key(self):
        """Puts our PKAM key's public half where peers look for it, once."""
        if not self._has_published:
            self.command(f"update:{self.keys.signing_key_uri} {self.keys.pkam_public}")
            self._has_published = True

    def put(self, to, name, text, metadata="ttr:-1:ccd:true:"):
        """A record shared with another atSign; metadata in the order of the grammar."""
        key = self.key_for(to)
        iv = crypto.random_iv()
        value = crypto.encrypt(crypto.unb64(key), crypto.unb64(iv), text.encode())
        self.command(f"update:{metadata}isEncrypted:true:ivNonce:{iv}:{to}:{name}{self.atsign} "
                     f"{value}")

    def take_mutex(self, name):
        """True unless another instance serves this session: the record exists and is immutable."""
        try:
            self.command("update:ttl:30000:isEncrypted:false:immutable:true:"
                         f"{name}{self.atsign} lock")
        except AtError as error:
            return "immutable" not in error.text.lower()
        return True

    # --- shared keys -----------------------------------------------------------------------------

    def key_for(self, to):
        """The AES key, as text, for what we send to an atSign; made and stored if there is none."""
        with self._lock:
            if to not in self._sending:
                self._sending[to] = self._find_key(to) or self._make_key(to)
            return self._sending[to]

    def _own_copy(self, to):
        return f"shared_key.{to.removeprefix('@')}{self.atsign}"

    def _find_key(self, to):
        try:
            sealed = self.command("llookup:" + self._own_copy(to))
        except AtError as error:
            if not error.text.startswith("AT0015-key not found"):
                raise
            return None
        return crypto.unwrap(self.keys.private, sealed)

    def _make_key(self, to):
        key = crypto.random_key()
        dart = self._dialect == "dart"
        mine = crypto.wrap(crypto.public_key(self.keys.public), key)
        theirs = crypto.wrap(crypto.public_key(self.public_key_of(to)), key)
        self.command(f"update:{'isEncrypted:false:' if dart else ''}{self._own_copy(to)} {mine}")
        self.command(f"update:{'ttr:3888000:isEncrypted:false:' if dart else ''}"
                     f"{to}:shared_key{self.atsign} {theirs}")
        return key

    def _key_from(self, sender, metadata):
        """The AES key of what sender sends to us."""
        sealed = metadata.get("sharedKeyEnc") if self._dialect == "dart" else None
        checksum = metadata.get("pubKeyCS")
        if sealed and checksum and checksum != crypto.key_checksum(self.keys.public):
            raise crypto.Wrong("the value is for another public key of ours")
        if not sealed:
            with self._lock:
                if sender not in self._receiving:
                    found = self.command(f"lookup:shared_key{sender}")
                    self._receiving[sender] = crypto.unwrap(self.keys.private, found)
                return self._receiving[sender]
        return crypto.unwrap(self.keys.private, sealed)

    # --- notifications ---------------------------------------------------------------------------

    def notify(self, to, name, text):
        """Sends text as the value of @to:name@us, encrypted as the dialect does."""
        key, iv = self.key_for(to), crypto.random_iv()
        value = crypto.encrypt(crypto.unb64(key), crypto.unb64(iv), text.encode())
        if self._dialect == "c":
            head, extra = "notify:update", ""
        else:
            theirs = self.public_key_of(to)
            head = (f"notify:id:{uuid.uuid4()}:update:messageType:key:priority:low:strategy:all:"
                    f"latestN:1:notifier:SYSTEM:ttln:60000")
            extra = (f"sharedKeyEnc:{crypto.wrap(crypto.public_key(theirs), key)}:"
                     f"pubKeyCS:{crypto.key_checksum(theirs)}:")
        return self.command(f"{head}:ttl:{LIFETIME}:isEncrypted:true:{extra}ivNonce:{iv}:"
                            f"{to}:{name}{self.atsign}:{value}")

    def expect(self, fits):
        """A queue of the notifications that fit from now on; call forget with it afterwards."""
        found = queue.Queue()
        self._waiting.append((fits, found))
        return found

    def forget(self, found):
        self._waiting = [one for one in self._waiting if one[1] is not found]

    def monitor(self, expression=None):
        """Starts to read notifications; returns when the atServer knows that we do.

        expression filters at the server, as the C daemon does; Dart programs filter themselves.
        """
        ready = threading.Event()
        threading.Thread(target=self._monitor, args=(expression, ready), daemon=True).start()
        if not ready.wait(wire.PATIENCE):
            raise AtError("the monitor does not start")

    def _monitor(self, expression, ready):
        while True:
            try:
                connection = wire.Connection(self._address, self._dialect)
                connection.log_in(self.keys, self._dialect)
                connection.send(f"monitor {expression}" if expression
                                else "monitor:selfNotifications")
                connection.send("noop:0")
                self._read(connection, ready)
            except (OSError, AtError) as error:
                print(f"{self.atsign}: monitor: {error}", file=sys.stderr, flush=True)
                time.sleep(1)

    def _read(self, connection, ready):
        connection.set_timeout(600)  # the statistics come every 15 s
        while True:
            line = connection.line()
            if line == "data:ok":
                ready.set()
            elif line.startswith("notification:"):
                self._dispatch(json.loads(line.partition(":")[2]))

    def _dispatch(self, pushed):
        if pushed["id"] == "-1" or ":shared_key@" in pushed["key"]:
            return
        key = pushed["key"].lower()
        wanted = [found for fits, found in list(self._waiting) if fits(key, pushed["from"])]
        if not wanted:
            return
        try:
            metadata = pushed.get("metadata") or {}
            aes = crypto.unb64(self._key_from(pushed["from"], metadata))
            iv = crypto.unb64(metadata.get("ivNonce") or "")
            value = crypto.decrypt(aes, iv, pushed["value"]).decode().strip()
        except (crypto.Wrong, AtError, KeyError, TypeError, UnicodeDecodeError) as error:
            print(f"{self.atsign}: cannot open {key}: {error!r}", file=sys.stderr, flush=True)
            return
        for found in wanted:
            found.put(Notification(pushed["from"], key, value))
