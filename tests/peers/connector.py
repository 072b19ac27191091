# SPDX-License-Identifier: BSD-3-Clause
"""The client's connectors: from local ports through the relay (noports-wire.md 10.3 and 10.4)."""
import contextlib
import threading

from . import control, tunnel


class Tunnel:
    """npt's: a control socket, and a local port whose connections all go through."""

    def __init__(self, generation, relay, auth, ciphers, heartbeat):
        """relay: (host, port A). auth: called with each new socket. heartbeat: seconds or None."""
        self.is_like, self._relay, self._auth = generation, relay, auth
        self.ciphers, self.mode = ciphers, auth.mode
        self._control = self._dial()
        self._to_daemon = ciphers.c2d.stream()
        self._telling = threading.Lock()
        self._opening = threading.Lock()  # one after the other, so that pairs do not cross
        self._over = threading.Event()
        self._listener = tunnel.listen()
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        self._start(self._watch)
        if heartbeat:
            self._start(self._beat, heartbeat)

    @staticmethod
    def _start(target, *args):
        threading.Thread(target=target, args=args, daemon=True).start()

    def _dial(self, before_auth=None):
        made = tunnel.dial(*self._relay)
        if before_auth:
            before_auth()
        self._auth(made)
        return made

    def tell(self, line):
        """A control line in one write."""
        if not self.is_like.ends_lines:
            line = line.rstrip(b"\n")
        with self._telling:  # heartbeats come from a thread of their own
            self._control.sendall(self._to_daemon(line))

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                local, _ = self._listener.accept()
                self._start(self._carry, local)

    def _carry(self, local):
        twin = len(self.ciphers.pairs) == 2
        ciphers = tunnel.Ciphers(tunnel.Pair(), tunnel.Pair() if twin else None)
        line = control.connect_line(ciphers.pairs)
        try:
            with self._opening:
                if self.is_like.connects_first:
                    remote = self._dial(lambda: self.tell(line))
                else:
                    remote = self._dial()
                    self.tell(line)
        except OSError as error:
            tunnel.say("client: data socket:", error)
            tunnel.close(local)
            return
        tunnel.join(local, remote, ciphers.c2d.stream(), ciphers.d2c.stream())

    def _watch(self):
        """The control socket's end is the session's; what arrives there is ignored."""
        with contextlib.suppress(OSError):
            self._control.settimeout(None)
            while self._control.recv(4096):
                pass
        self.close()

    def _beat(self, seconds):
        number = 0
        while not self._over.wait(seconds):
            number += 1
            with contextlib.suppress(OSError):
                self.tell(control.heartbeat_line(number))

    def is_over(self, patience):
        """Whether the session has ended within so many seconds."""
        return self._over.wait(patience)

    def close(self):
        self._over.set()
        tunnel.close(self._listener, self._control)


class SingleTunnel:
    """sshnp's: a local port that takes one connection, which is the session's stream."""

    def __init__(self, _generation, relay, auth, ciphers, _heartbeat):
        self._relay, self._auth, self._ciphers, self.mode = relay, auth, ciphers, auth.mode
        self._listener = tunnel.listen()
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._carry, daemon=True).start()

    def _carry(self):
        try:
            local, _ = self._listener.accept()
            self._listener.close()
            remote = tunnel.dial(*self._relay)
            self._auth(remote)
        except OSError as error:
            tunnel.say("client: stream:", error)
            self.close()
            return
        tunnel.join(local, remote, self._ciphers.c2d.stream(), self._ciphers.d2c.stream())

    def close(self):
        tunnel.close(self._listener)
