# SPDX-License-Identifier: BSD-3-Clause
# Goal: whatever cannot work ends with its exit status and one sentence that names the hop and what to
# do, within the time limits of the protocol.
. "$(dirname "$0")/lib.sh"
start_world
activate @stranger
# The limits are 20 s for the device and the relay; the tests of the device use a shorter one.
short=(--daemon-ping-timeout 3)

expect_exit 3 '@nobody.*no such file.*at_activate onboard -a @nobody' npt -f @nobody -p "$WEB_PORT"
expect_exit 2 'remote-port' npt
expect_exit 2 'Could not find an option' npt --nonsense
expect_exit 2 'remote-port' npt -p 65536
expect_exit 6 'permit.*localhost:1\b' npt -q -p 1
expect_exit 7 '@device.*(off|running).*(name|nosuch).*authori[sz]ed' npt -q "${short[@]}" -d nosuch -p "$WEB_PORT"
expect_exit 7 'authori[sz]ed' npt -q "${short[@]}" -f @stranger -p "$WEB_PORT"
expect_exit 7 'authori[sz]ed' "$NOPORTS_BIN/sshnp" -q "${short[@]}" -f @stranger -t @device -r @relay \
  -d lab --root-server "$ROOT" -u nobody
log_has device '@stranger' || fail "the device does not say whom it ignored"

# A key file that others can read is refused, with the command that mends it.
chmod 644 "$(keys_of @client)"
expect_exit 2 'chmod 600' npt -q -p "$WEB_PORT"
chmod 600 "$(keys_of @client)"

# Keys of somebody else are noticed before anything is sent, and rejected by the atServer where the
# file does not say whose they are.
expect_exit 2 'not the keys of @client' npt -q -k "$(keys_of @stranger)" -p "$WEB_PORT"
sed 's/"@stranger"/"@client"/' "$(keys_of @stranger)" >"$WORLD/wrong.atKeys"
chmod 600 "$WORLD/wrong.atKeys"
expect_exit 5 '@client' npt -q -k "$WORLD/wrong.atKeys" -p "$WEB_PORT"

# Errors for programs.
expect_exit 6 '^\{"code":"refused","hop":"device","error":".*","hint":".*"\}$' npt -q --json -p 1

before=$SECONDS
stop relay
expect_exit 8 '@relay' npt -q -p "$WEB_PORT"
[ $((SECONDS - before)) -le 25 ] || fail "a relay that is down took $((SECONDS - before)) s"

before=$SECONDS
stop platform
expect_exit 4 'atServer' npt -q -p "$WEB_PORT"  # whose address is remembered from run to run
XDG_STATE_HOME=$WORLD/forgotten expect_exit 4 "$ROOT" npt -q -p "$WEB_PORT"
[ $((SECONDS - before)) -le 25 ] || fail "a directory that is down took $((SECONDS - before)) s"

# Somebody else's certificate is not believed.
start_platform
start_relay
SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt expect_exit 4 'certificate' npt -q -p "$WEB_PORT"
