# SPDX-License-Identifier: BSD-3-Clause
"""The cells of 12-matrix.sh.

matrix.py run SERVICE_PORT LOGS   every cell; a line for each, status 1 if one fails
matrix.py ill-relays|ill-daemons  the options that make the scripted peers behave ill
matrix.py relay-options           what our relay is started with
matrix.py modes                   what the scripted relay of today says about the sides it let in
"""
import concurrent.futures
import contextlib
import itertools
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

import transfer
from peers import client, crypto, generations, ill, ill_client, ill_relay
from peers.__main__ import at_client

# Cells that need ESCR in our programs: a relay that challenges and serves one port, a daemon that
# says supportsRamEscr. Set to True when they do.
OURS_KNOW_ESCR = True

RELAYS = {"ours": "@relay", "old": "@relay_old", "5.17": "@relay_517", "today": "@relay_today"}
DAEMONS = {"ours": "lab", "old": "old", "c": "c", "c2026": "c2026", "today": "today"}
CLIENTS = ("ours", "old", "older", "5.17", "today")
CLIENTS_OF_ESCR = ("escr", "443", "ours-escr", "ours-443")
NPT_OPTIONS = {"ours": [], "ours-escr": ["--relay-auth-mode", "escr"], "ours-443": ["--443"]}
CONNECTIONS = 2  # in a cell; at once where our relay and the daemon keep their order
HEARTBEAT = 0.2  # seconds, to daemons that offer to take them
PATIENCE = 60    # seconds for a program to say something

# Relay behaviour → what npt does: None where the session comes about all the same.
ILL_RELAYS = {"nack": (6, "@relay_today says: this relay is closed for repairs"),
              "garbage": (8, "@relay_today"), "bad-ports": (8, "@relay_today"),
              "closed-ports": (6, "@device says: Failed to start up the daemon side"),
              "other-session": None, "twice": None, "late-nack": None, "stranger": None}
# Ill daemon → npt's exit status and words.
ILL_DAEMONS = {"no-features": (6, "This device daemon does not"),
               "forged": (5, "the answer is not signed with the key of @device"),
               "other-session": (1, "the answer is for another session"),
               "other-status": (1, "'status' must be connected"),
               "in-words": (6, "No relay slots available"), "silent": (7, "@device"),
               "no-keys": (1, "it holds no session keys"),
               "short-key": (1, "cannot read its session keys")}


class Failed(Exception):
    """A cell that did not do what it should."""


class World:
    """What the cells share: the service's port, the folder of logs, a client of each generation."""

    def __init__(self, port, logs):
        self.port, self.logs = int(port), pathlib.Path(logs)
        self.at = at_client("@client")
        self.at.monitor()
        self.ephemeral = crypto.new_pair()  # the reference too makes one for all its sessions

    def npt(self, name, who, relay, device):
        """Our client as a process, and where its words go."""
        command = ["npt", "-p", str(self.port), *NPT_OPTIONS[who]]
        return self._program(name, relay, device, command, subprocess.DEVNULL)

    def sshnp(self, name, relay, device):
        """Our sshnp as ssh would use it, and the socket on its standard input and output."""
        mine, its = socket.socketpair()
        with its:
            process, log = self._program(name, relay, device, ["sshnp", "--stdio"], its)
        return process, log, mine

    def _program(self, name, relay, device, command, stream):
        command[0] = os.environ["NOPORTS_BIN"] + "/" + command[0]
        command += ["-f", "@client", "-t", "@device", "-r", relay, "-d", device, "--root-server",
                    os.environ["NOPORTS_ROOT"]]
        log = self.logs / f"{name}.log"
        with open(log, "wb") as sink:
            return subprocess.Popen(command, stdin=stream, stdout=stream, stderr=sink), log


def wait_for_port(process, log):
    """The local port that npt says it listens on."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = re.search(r"npt is listening on \S+:(\d+)", log.read_text())
        if found:
            return int(found[1])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            raise Failed(f"npt ended with {process.returncode}: {log.read_text()[-300:]}")
    raise Failed(f"npt says nothing: {log.read_text()[-300:]}")


@contextlib.contextmanager
def opened(world, name, who, relay, device):
    """The local port of a tunnel that ends with the block."""
    if who in NPT_OPTIONS:
        process, log = world.npt(name, who, relay, device)
        try:
            yield wait_for_port(process, log)
        finally:
            process.terminate()
            process.wait(PATIENCE)
    else:
        generation = generations.CLIENTS[who]
        tunnel = client.Client(world.at, generation, world.ephemeral).open(
            relay, "@device", device, "localhost", world.port, heartbeat=HEARTBEAT)
        try:
            yield tunnel.port
        finally:
            tunnel.close()


def exchange(port, at_once):
    """A mebibyte each way on each connection."""
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS if at_once else 1) as pool:
        for done in [pool.submit(transfer.call, port, PATIENCE) for _ in range(CONNECTIONS)]:
            done.result()


def carries(world, name, who, relay, device):
    """The cell's session comes about and changes no byte."""
    daemon = generations.DAEMONS.get(device, generations.TODAY)
    at_once = relay == RELAYS["ours"] and daemon.in_order
    with opened(world, name, who, relay, device) as port:
        exchange(port, at_once)


def carries_ssh(world, name, who, relay, device):
    """The stream of an ssh session comes about and changes no byte."""
    if who == "ours":
        process, log, stream = world.sshnp(name, relay, device)
        try:
            with stream:
                stream.settimeout(PATIENCE)
                transfer.exchange(stream)
        except OSError as error:
            raise Failed(f"{error}: {log.read_text()[-300:]}") from None
        finally:
            process.terminate()
            process.wait(PATIENCE)
    else:
        made = client.Client(world.at, generations.CLIENTS[who], world.ephemeral).open(
            relay, "@device", device, None, None)
        try:
            transfer.call(made.port, PATIENCE)
        finally:
            made.close()


def refused(world, name, who, relay, device, status, words):
    """Our client ends with the status and the words."""
    process, log = world.npt(name, who, relay, device)
    got = process.wait(PATIENCE)
    if got != status or not re.search(words, log.read_text()):
        raise Failed(f"exit {got}, not {status}, or no {words!r}: {log.read_text()[-300:]}")


def meets_ill_client(world, _name, behaviour):
    """Our relay and our daemon meet an ill client: served, refused, or cut off at the relay."""
    _session, _tunnel, outcome, hop = ill_client.CLIENTS[behaviour]
    try:
        made = ill_client.of(world.at, behaviour, world.ephemeral).open(
            "@relay", "@device", "lab", "localhost", world.port)
    except client.Refused as refusal:
        if outcome != ill_client.REFUSED or refusal.hop != hop:
            raise
        return
    try:
        if outcome == ill_client.REFUSED:
            raise Failed("it was served")
        if outcome == ill_client.CUT:
            if not made.is_over(PATIENCE):
                raise Failed("the relay does not end the connection")
            return
        exchange(made.port, at_once=True)
    finally:
        made.close()


def mixes():
    """Every mix with one of our programs in it."""
    for who, relay, daemon in itertools.product(CLIENTS, RELAYS, DAEMONS):
        if "ours" in (who, relay, daemon):
            yield who, relay, daemon
    if OURS_KNOW_ESCR:
        for who, relay, daemon in itertools.product(CLIENTS_OF_ESCR, ("ours", "5.17", "today"),
                                                    ("ours", "c2026", "today")):
            if who in NPT_OPTIONS or "ours" in (relay, daemon):
                yield who, relay, daemon


# Client, relay and daemon of ssh sessions, where each of ours meets each generation.
SSH_MIXES = ([("ours", "ours", daemon) for daemon in DAEMONS]
             + [(who, "ours", "ours") for who in CLIENTS[1:]]
             + [("ours", "old", "old"), ("ours", "today", "today")])


# Client, relay and daemon that cannot meet by ESCR, npt's exit status and words.
ESCR_REFUSALS = [("ours-443", "ours", "old", 6, "ESCR"), ("ours-escr", "5.17", "c", 6, "ESCR"),
                 ("ours-443", "old", "ours", 8, "443")]


def cells():
    """(name, function, arguments) of every cell; those that wait longest first."""
    for name, expected in sorted(ILL_DAEMONS.items(), key=lambda one: one[0] != "silent"):
        yield f"ours-today-ill:{name}", refused, ("ours", "@relay_today", name, *expected)
    for name, expected in ILL_RELAYS.items():
        device = "relay-" + name
        if expected:
            yield f"ours-ill:{name}-today", refused, ("ours", "@relay_today", device, *expected)
        else:
            yield f"ours-ill:{name}-today", carries, ("ours", "@relay_today", device)
    for name in ill_client.CLIENTS:
        yield f"ill:{name}-ours-ours", meets_ill_client, (name,)
    for who, relay, daemon in SSH_MIXES:
        yield f"ssh:{who}-{relay}-{daemon}", carries_ssh, (who, RELAYS[relay], DAEMONS[daemon])
    if OURS_KNOW_ESCR:
        for who, relay, daemon, *expected in ESCR_REFUSALS:
            where = RELAYS[relay], DAEMONS[daemon]
            yield f"{who}-{relay}-{daemon}", refused, (who, *where, *expected)
    for who, relay, daemon in mixes():
        yield f"{who}-{relay}-{daemon}", carries, (who, RELAYS[relay], DAEMONS[daemon])


def run_cell(world, name, function, arguments):
    """None, or what went wrong; says how long it took."""
    started = time.monotonic()
    try:
        function(world, name, *arguments)
        wrong = None
    except (Failed, client.Refused, crypto.Wrong, transfer.Changed, OSError,
            subprocess.TimeoutExpired) as error:
        wrong = f"{type(error).__name__}: {error}"
    print(f"{'FAILED' if wrong else 'ok    '} {time.monotonic() - started:5.1f} s  {name}"
          f"{'  ' + wrong if wrong else ''}", flush=True)
    return wrong


def run(port, logs, *only):
    world, chosen = World(port, logs), [one for one in cells() if not only or one[0] in only]
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda one: run_cell(world, *one), chosen))
    failures = sum(result is not None for result in results)
    print(f"{len(results)} cells, {failures} failed")
    return failures != 0


def ill_relays():
    return [f"--ill=relay-{name}={name}" for name in ill_relay.RELAYS]


def ill_daemons():
    return [f"--ill={name}" for name in ill.DAEMONS] + [f"--device=relay-{name}"
                                                        for name in ill_relay.RELAYS]


def relay_options():
    """One port for all sessions that ask for 443, where our relay knows ESCR."""
    if not OURS_KNOW_ESCR:
        return []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return ["--443", f"--443-bind-port={port}", f"--443-port={port}"]


def modes():
    """What the relay of today has to have seen: sides and how they authenticated."""
    seen = ["a=escr", "a=payload", "b=payload"]
    return seen + ["b=escr"] if OURS_KNOW_ESCR else seen


if __name__ == "__main__":
    if sys.argv[1] == "run":
        sys.exit(run(*sys.argv[2:]))
    print("\n".join({"ill-relays": ill_relays, "ill-daemons": ill_daemons, "modes": modes,
                     "relay-options": relay_options}[sys.argv[1]]()))
