# SPDX-License-Identifier: BSD-3-Clause
"""python3 -m peers ROLE: a scripted peer as a process; it says "ready" on standard output.

The directory's address is NOPORTS_ROOT, the certificate of its authority SSL_CERT_FILE, the key
files are those of ~/.atsign/keys.
"""
import argparse
import os
import pathlib
import signal
import sys

from . import atproto, client, crypto, daemon, generations, ill, ill_relay, keys, relay


def at_client(atsign, dialect="dart"):
    """A client of an atSign whose keys are in the usual place."""
    path = pathlib.Path.home() / ".atsign/keys" / f"{atsign}_key.atKeys"
    return atproto.AtClient(os.environ["NOPORTS_ROOT"], keys.read(path, atsign), dialect)


def run_relay(options):
    at = at_client(options.atsign)
    behaviours = {device: ill_relay.RELAYS[name]
                  for device, name in (one.split("=") for one in options.ill)}
    made = relay.Relay(at, generations.RELAYS[options.generation], options.ip,
                       options.single_port, behaviours)
    made.stranger = at_client(options.stranger) if options.stranger else None
    made.start()
    at.monitor()


def run_daemon(options):
    """One device for each -d, and one for each ill behaviour, named after it."""
    devices = [(*(one.split("=") + [options.generation])[:2], None) for one in options.device]
    devices += [(name, options.generation, ill.DAEMONS[name]()) for name in options.ill]
    clients = {}  # of both dialects, as needed
    for name, generation_name, behaviour in devices:
        generation = generations.DAEMONS[generation_name]
        if generation.dialect not in clients:
            clients[generation.dialect] = at_client(options.atsign, generation.dialect)
        at = clients[generation.dialect]
        daemon.Daemon(at, generation, name, options.managers.split(","),
                      options.permit_open.split(","), options.sshd_port, behaviour).start()
        if generation.dialect == "c":
            at.monitor(f"{name}.sshnp@")
    if "dart" in clients:
        clients["dart"].monitor()


def run_client(options):
    at = at_client(options.atsign)
    at.monitor()
    host, _, port = options.target.rpartition(":")
    generation = generations.CLIENTS[options.generation]
    tunnel = client.Client(at, generation, crypto.new_pair()).open(
        options.relay, options.to, options.device, host, int(port), options.timeout,
        options.heartbeat)
    print(f"listening {tunnel.port}", flush=True)


def run_share(options):
    """Makes the shared keys of each pair "@from@to", before several programs do so at once."""
    for pair in options.pairs:
        sender, to = ("@" + name for name in pair[1:].split("@"))
        at_client(sender).key_for(to)
    sys.exit(0)


def parse():
    parser = argparse.ArgumentParser(prog="peers")
    roles = parser.add_subparsers(dest="role", required=True)

    def role(name, run, choices):
        made = roles.add_parser(name)
        made.set_defaults(run=run)
        made.add_argument("-a", "--atsign", required=True)
        made.add_argument("--generation", choices=choices, default="today")
        return made

    one = role("relay", run_relay, generations.RELAYS)
    one.add_argument("--ip", default="127.0.0.1")
    one.add_argument("--single-port", type=int)
    one.add_argument("--ill", action="append", default=[], metavar="DEVICE=BEHAVIOUR")
    one.add_argument("--stranger", help="another atSign, for answers of strangers")
    one = role("daemon", run_daemon, generations.DAEMONS)
    one.add_argument("-d", "--device", action="append", default=[], metavar="NAME[=GENERATION]")
    one.add_argument("-m", "--managers", required=True)
    one.add_argument("--permit-open", default="localhost:22,localhost:3389")
    one.add_argument("--sshd-port", type=int, default=22)
    one.add_argument("--ill", action="append", default=[], choices=ill.DAEMONS)
    one = role("client", run_client, generations.CLIENTS)
    one.add_argument("-t", "--to", required=True)
    one.add_argument("-r", "--relay", required=True)
    one.add_argument("-d", "--device", default="default")
    one.add_argument("--target", required=True, metavar="HOST:PORT")
    one.add_argument("--timeout", type=int, default=client.DEFAULT_TIMEOUT, help="ms")
    one.add_argument("--heartbeat", type=float, help="seconds")
    one = roles.add_parser("share")
    one.set_defaults(run=run_share)
    one.add_argument("pairs", nargs="+", metavar="@FROM@TO")
    return parser.parse_args()


def main():
    options = parse()
    options.run(options)
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
