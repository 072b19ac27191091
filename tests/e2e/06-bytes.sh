# SPDX-License-Identifier: BSD-3-Clause
# Goal: bytes arrive exactly, whatever the ends do: half-close both ways, the last bytes before a close,
# a paused reader.
. "$(dirname "$0")/lib.sh"
start_world
start peer python3 "$(dirname "$0")/byte_peer.py"
eventually 10 out_has peer '^[0-9]'
read -r peer_port <"$WORLD/log/peer.out"
stop device
start_device --permit-open "localhost:$peer_port"
start_npt tunnel -p "$peer_port" -T 60s
python3 "$(dirname "$0")/byte_checks.py" "$PORT" "${PIDS[relay]}" "${PIDS[device]}" "${PIDS[tunnel]}"
