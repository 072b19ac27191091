# SPDX-License-Identifier: BSD-3-Clause
# Goal: both ends answer the relay's challenges unless told otherwise, show their line where they
# are, mix, and do so for many connections at once and with an enrolment's keys.
. "$(dirname "$0")/lib.sh"
start_world --permit-open "localhost:*"
head -c 4194304 /dev/urandom >"$WORLD/web/big"
head -c 65536 /dev/urandom >"$WORLD/web/small"

# The relay's words about its sessions from now on: whose side came in how.
mark() { : >"$WORLD/since"; wc -l <"$WORLD/log/relay.log" >"$WORLD/since"; }
came_in() { tail -n "+$(($(cat "$WORLD/since") + 1))" "$WORLD/log/relay.log" | grep -q "side=$1 auth=$2"; }
expect_sides() {  # CLIENT DEVICE
  eventually 10 came_in client "$1"
  eventually 10 came_in device "$2"
}
fetch() { curl -sSf -o "$WORLD/got" "http://localhost:$PORT/big"; }
same() { [ "$(sha "$WORLD/got")" = "$(sha "$WORLD/web/big")" ] || fail "the download changed: $1"; }

# By default: challenges on both sides, for each of many connections.
mark
start_npt default -p "$WEB_PORT" -T 60s
fetch
same default
expect_sides escr escr
seq 50 | xargs -P 50 -I {} curl -sSf -o "$WORLD/small.{}" "http://localhost:$PORT/small"
for n in $(seq 50); do
  [ "$(sha "$WORLD/small.$n")" = "$(sha "$WORLD/web/small")" ] || fail "download $n changed"
done

# Beside it, at the same relay and device: a session with lines.
mark
start_npt lines -p "$WEB_PORT" -T 60s --relay-auth-mode payload
fetch
same lines
expect_sides payload payload

# Insisted on.
mark
start_npt insists -p "$WEB_PORT" -T 60s --ram escr
fetch
same insists
expect_sides escr escr

# A device of 2024 (a scripted one) shows its line, the client answers a challenge.
mark
here=$(cd "$(dirname "$0")" && pwd)
start old env NOPORTS_ROOT="$ROOT" PYTHONPATH="${here%/*}" PYTHONDONTWRITEBYTECODE=1 \
  /usr/bin/python3 -m peers daemon -a @device -d old=old -m @client --permit-open "localhost:$WEB_PORT"
eventually 20 out_has old '^ready'
start_npt mixed -p "$WEB_PORT" -T 60s -d old
fetch
same mixed
expect_sides escr payload

# ssh: one stream, and one side alone that authenticates.
mark
[ "$(sshnp -q -o "-o StrictHostKeyChecking=accept-new" -u "$(id -un)" --no-ad \
  -o "-o RemoteCommand=echo through" 2>"$WORLD/log/sshnp.log")" = through ] ||
  fail "ssh does not work when the client alone answers"
eventually 10 came_in client escr

# An enrolment answers with a key of its own.
at_activate() { "$NOPORTS_BIN/at_activate" "$@" -r "$ROOT"; }
keys=$WORLD/new/@client_key.atKeys
code=$(at_activate otp -a @client 2>>"$WORLD/log/otp.log")
start auto "$NOPORTS_BIN/at_activate" auto -a @client --arx noports --drx laptop -r "$ROOT"
eventually 20 out_has auto '^Listening for new enrollment requests'
at_activate enroll -a @client -s "$code" -p noports -d laptop -n "sshnp:rw,sshrvd:rw" -k "$keys" \
  >"$WORLD/log/enroll.out" 2>"$WORLD/log/enroll.log"
mark
start_npt enrolled -p "$WEB_PORT" -T 60s --ram escr -k "$keys"
fetch
same enrolled
expect_sides escr escr

# A relay that serves everybody on one port; one that does not says so.
expect_exit 6 'not bound to port 443' npt -q -p "$WEB_PORT" --443
stop relay
only=$(free_port)
start_relay --443 --443-bind-port "$only" --443-port "$only"
mark
start_npt one -p "$WEB_PORT" -T 60s --443
fetch
same one
expect_sides escr escr
for name in one device; do
  ss -Htnp state established | grep "pid=${PIDS[$name]}," | grep -q ":$only " ||
    fail "$name does not use the one port"
done
start_npt two -p "$WEB_PORT" -T 60s --only-port 443
fetch
same two

# What cannot be said.
expect_exit 2 'payload or escr' npt -q -p "$WEB_PORT" --relay-auth-mode none

# Nothing secret of it is in any log.
for file in "$WORLD"/log/*; do
  case $file in */old.*) continue ;; esac  # the scripted peer tells all
  ! grep -qE 'relayAuthAesKey|"s":"' "$file" || fail "a secret is in $file"
done
