# SPDX-License-Identifier: BSD-3-Clause
"""Scripted NoPorts peers: client, relay and daemon as older and newer generations play them.

Written from the descriptions of the wire alone and sharing nothing with libnoports, so that what
our programs read wrongly does not pass for right because both ends read it wrongly. The standard
library and Debian's python3-cryptography are all they need.

Modules, each on those before it: crypto, keys, atproto, envelope, messages, generations, tunnel,
and the roles client, relay and daemon. `python3 -m peers` starts a role as a process.
"""
