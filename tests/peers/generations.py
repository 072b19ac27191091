# SPDX-License-Identifier: BSD-3-Clause
"""What sets the generations apart, as tables (noports-wire.md 16, noports-newer.md 1, 2 and 21)."""
import dataclasses

from . import control

AUTH, E2EE = "srAuth", "srE2ee"
FEATURES_C = (AUTH, E2EE, "acceptsPublicKeys", "supportsPortChoice")
FEATURES_563 = (*FEATURES_C, "adjustableTimeout")
FEATURES_TODAY = (*FEATURES_563, "controlChannelHeartbeats", "supportsRamEscr", "twinKeys")


@dataclasses.dataclass(frozen=True)
class Client:
    """How a client asks and opens."""
    name: str
    asks_relay_in_full: bool = True   # all twelve members of a relay request, reads JSON answers
    knows_twin_keys: bool = True
    knows_heartbeats: bool = True
    ends_lines: bool = True           # False: control messages of 77 bytes, as before 5.6.1
    connects_first: bool = False      # connect is written before the data socket authenticates
    prefers: str = "escr"             # --relay-auth-mode
    insists: bool = False             # --relay-auth-mode was given on the command line
    single_port: bool = False         # --443
    signs_as_enrolment: bool = False


CLIENTS = {one.name: one for one in (
    Client("old", asks_relay_in_full=False, knows_twin_keys=False, knows_heartbeats=False,
           connects_first=True, prefers="payload"),
    Client("older", asks_relay_in_full=False, knows_twin_keys=False, knows_heartbeats=False,
           connects_first=True, prefers="payload", ends_lines=False),
    Client("5.17", prefers="payload"),
    Client("today", signs_as_enrolment=True),
    Client("escr", insists=True),
    Client("443", single_port=True))}


@dataclasses.dataclass(frozen=True)
class Relay:
    """How a relay answers and lets in."""
    name: str
    answers_json: bool = True
    knows_escr: bool = True
    detects: bool = True              # takes each socket's mode from its first byte
    fresh_challenges: bool = True     # one for each connection, not for each side
    line_limit: int = 16384           # bytes before authentication, those behind the line included
    takes_mutex: bool = True
    is_strict: bool = True            # sender, session id and side are checked


RELAYS = {one.name: one for one in (
    Relay("old", answers_json=False, knows_escr=False, detects=False, line_limit=1 << 20,
          takes_mutex=False, is_strict=False),
    Relay("5.17", detects=False, fresh_challenges=False, line_limit=4096, is_strict=False),
    Relay("today"))}


@dataclasses.dataclass(frozen=True)
class Daemon:
    """How a daemon answers and carries."""
    name: str
    features: tuple = FEATURES_TODAY
    dialect: str = "dart"             # of its atServer connections
    version: tuple = ("5.17.0", "6.16.0")
    says_modes: bool = True           # authModes, npCpVersion, publicSigningKeyUri
    says_group: bool = True
    control_reader: type = control.Reassembling
    checks_sender: bool = True
    refuses_in_words: bool = True
    answers_first: bool = False       # before it connects to the relay
    service_first: bool = False       # a data connection opens the service, then the relay
    in_order: bool = True             # one connect line after the other
    passes_end: bool = True           # the end of a stream closes the other socket
    chunk: int = 65536                # bytes of a read
    takes_mutex: bool = True

    @property
    def knows_twin_keys(self):
        return "twinKeys" in self.features

    @property
    def knows_escr(self):
        return "supportsRamEscr" in self.features


_C = Daemon("c", FEATURES_C, dialect="c", version=("0.2.0", "c0.1.0"), says_modes=False,
            says_group=False, control_reader=control.CChunks, checks_sender=False,
            refuses_in_words=False, answers_first=True, service_first=True, in_order=False,
            passes_end=False, chunk=64, takes_mutex=False)
TODAY = Daemon("today")
DAEMONS = {one.name: one for one in (
    Daemon("old", FEATURES_563, version=("5.6.3", "6.2.0"), says_modes=False,
           control_reader=control.DartChunks, service_first=True, takes_mutex=False),
    _C,
    dataclasses.replace(_C, name="c2026", version=("1.0.19", "c0.1.0"), checks_sender=True,
                        chunk=4096, features=(*FEATURES_563, "supportsRamEscr", "twinKeys")),
    TODAY)}
