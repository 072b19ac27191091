# SPDX-License-Identifier: BSD-3-Clause
# Goal: a new machine gets keys of its own with a passcode from the old one, its daemon and the
# client's tunnel work with them, and when they are revoked the daemon goes down.
. "$(dirname "$0")/lib.sh"
at_activate() { "$NOPORTS_BIN/at_activate" "$@" -r "$ROOT"; }
new_keys=$WORLD/new/@device_key.atKeys

start_platform
activate @client @device @relay
start_relay
start_web
echo content >"$WORLD/web/file"
fetch() { npt -q --stdio -p "$WEB_PORT" "$@" < <(printf 'GET /file HTTP/1.0\r\n\r\n') | grep -q '^content'; }

# enrol NAME ATSIGN DEVICE FILE: on the new machine, waits in the background.
enrol() {
  local code
  code=$(at_activate otp -a "$2" 2>>"$WORLD/log/otp.log")
  [[ $code =~ ^[0-9A-Z]{6,}$ ]] || fail "no passcode: $code"
  start "$1" "$NOPORTS_BIN/at_activate" enroll -a "$2" -s "$code" -p noports -d "$3" \
    -n "sshnp:rw,sshrvd:rw" -k "$4" -r "$ROOT"
}
check_code() { grep -oE 'Check code: [0-9a-f]{8}' "$1" | sort -u; }

# The device: the daemon is there before its keys.
start device "$NOPORTS_BIN/sshnpd" -a @device -m @client -d lab --root-server "$ROOT" \
  -k "$new_keys" --permit-open "localhost:$WEB_PORT" -v
eventually 20 log_has device 'waiting for the key file'
enrol enrol @device lab "$new_keys"
eventually 20 out_has enrol '^Enrollment ID: '
id=$(sed -n 's/^Enrollment ID: //p' "$WORLD/log/enrol.out")

# Killed and started again while it waits, it asks for nothing anew.
stop enrol KILL
start enrol "$NOPORTS_BIN/at_activate" enroll -a @device -s NONE00 -p noports -d lab \
  -n "sshnp:rw,sshrvd:rw" -k "$new_keys" -r "$ROOT"
eventually 20 out_has enrol "^Enrollment ID: $id"

expect_exit 1 'No matching enrollment' at_activate approve -a @device --arx port --drx lab
at_activate approve -a @device --arx noports --drx lab >"$WORLD/log/approve.out" \
  2>"$WORLD/log/approve.log"
grep -qF "Approving enrollmentId $id with appName \"noports\" and deviceName \"lab\"" \
  "$WORLD/log/approve.out"
grep -qF 'enrollStatus: EnrollmentStatus.approved}' "$WORLD/log/approve.out"
[ "$(check_code "$WORLD/log/approve.log")" = "$(check_code "$WORLD/log/enrol.log")" ] ||
  fail "the two sides show different check codes"
eventually 40 out_has enrol '^\[Success\] Your .atKeys file saved at '
[ ! -e "$new_keys.pending" ] || fail "the unfinished enrolment is still there"
eventually 20 log_has device ready
fetch || fail "the tunnel does not work with the device's new keys"

# The client: its request is approved by `auto`.
start auto "$NOPORTS_BIN/at_activate" auto -a @client --arx noports --drx laptop -r "$ROOT"
eventually 20 out_has auto '^Listening for new enrollment requests'
enrol client @client laptop "$WORLD/new/@client_key.atKeys"
eventually 20 out_has auto '^Approved 1 requests - limit was 1 - done.'
eventually 40 out_has client '^\[Success\]'
fetch -k "$WORLD/new/@client_key.atKeys" || fail "the tunnel does not work with the client's new keys"

at_activate list -a @device --json -s approved 2>>"$WORLD/log/list.log" |
  python3 -c 'import json, sys; assert "lab" in [one["deviceName"] for one in json.load(sys.stdin)]'
printf 'list -s pending\n\nfetch -i "%s"\nonboard\nexit\n' "$id" |
  at_activate interactive -a @device >"$WORLD/log/interactive.out" 2>"$WORLD/log/interactive.log"
grep -q '^Found 0 matching' "$WORLD/log/interactive.out"
grep -q '^Fetched enrollment OK: {appName: noports, deviceName: lab' "$WORLD/log/interactive.out"
grep -q 'may not be used in interactive session' "$WORLD/log/interactive.log"

at_activate revoke -a @device --arx noports --drx lab >"$WORLD/log/revoke.out" 2>>"$WORLD/log/revoke.log"
grep -q "^Revoking enrollmentId $id" "$WORLD/log/revoke.out"
eventually 40 log_has device 'revoked'
expect_exit 7 'device' npt -q --stdio -p "$WEB_PORT" --dpt 3
at_activate unrevoke -a @device --arx noports --drx lab >>"$WORLD/log/revoke.out" 2>>"$WORLD/log/revoke.log"
at_activate revoke -a @device -i "$id" >>"$WORLD/log/revoke.out" 2>>"$WORLD/log/revoke.log"
at_activate delete -a @device -i "$id" >>"$WORLD/log/revoke.out" 2>>"$WORLD/log/revoke.log"
expect_exit 1 'not found' at_activate fetch -a @device -i "$id"
