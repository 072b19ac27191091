# SPDX-License-Identifier: BSD-3-Clause
# Goal: two atplatform processes are one world. A platform joins another with a token; both
# directories answer for the atSigns of both, one authority is trusted; wrong tokens are refused;
# each outlives the other's restart.
. "$(dirname "$0")/lib.sh"

start_platform
HOST=$ROOT
activate @device @relay

"$NOPORTS_BIN/atplatform" join-token --dir "$WORLD/platform" --file "$WORLD/token"
[ "$(stat -c %a "$WORLD/token")" = 600 ]
expect_exit 2 'exists already' "$NOPORTS_BIN/atplatform" join-token --dir "$WORLD/platform" \
  --file "$WORLD/token"
token_id=$("$NOPORTS_BIN/atplatform" join-token --list --dir "$WORLD/platform" | sed -n 's/ .*//p')
[ -n "$token_id" ] || fail "the token is not listed"

# The port is free the first time, and the same ever after.
guest=("$NOPORTS_BIN/atplatform" serve --dir "$WORLD/guest" -v --directory-port)
start_guest() {
  start guest "${guest[@]}" "${GUEST_PORT:-0}" --join "$HOST" --join-token "$WORLD/token"
  eventually 20 out_has guest '^directory '
  GUEST=$(sed -n 's/^directory //p' "$WORLD/log/guest.out")
  GUEST_PORT=${GUEST##*:}
}

# --- refusals -----------------------------------------------------------------------------------

sed -E 's/("secret": ")[0-9a-f]{64}/\1'"$(printf '0%.0s' {1..64})/" "$WORLD/token" >"$WORLD/wrong"
cmp -s "$WORLD/wrong" "$WORLD/token" && fail "no other token was made"
chmod 644 "$WORLD/wrong"
expect_exit 2 'chmod 600' "${guest[@]}" 0 --join "$HOST" --join-token "$WORLD/wrong"
chmod 600 "$WORLD/wrong"
expect_exit 5 'the token is not, or no longer, one of this platform' \
  "${guest[@]}" 0 --join "$HOST" --join-token "$WORLD/wrong"
expect_exit 2 'cannot be read' "${guest[@]}" 0 --join "$HOST" --join-token "$WORLD/none"
expect_exit 4 'joining the platform at localhost:' \
  "${guest[@]}" 0 --join "localhost:$(free_port)" --join-token "$WORLD/token"

# --- one world ----------------------------------------------------------------------------------

start_guest
eventually 20 log_has guest joined
"$NOPORTS_BIN/atplatform" ca --dir "$WORLD/guest" | grep -q '/guest/joined-ca.pem$'
cmp "$WORLD/guest/joined-ca.pem" "$SSL_CERT_FILE"

"$NOPORTS_BIN/atplatform" add @client --dir "$WORLD/guest" >"$WORLD/secret"
found_at() {  # DIRECTORY ATSIGN: that directory finds it
  ! "$NOPORTS_BIN/at_activate" status -a "$2" -r "$1" 2>&1 | grep -q 'has no record'
}
eventually 20 found_at "$HOST" @client
# The clients ask the host; its certificate and the guest's are of one authority.
"$NOPORTS_BIN/at_activate" onboard -a @client -r "$HOST" --cramkey-file "$WORLD/secret" \
  >>"$WORLD/log/activate.out" 2>>"$WORLD/log/activate.log"
for root in "$HOST" "$GUEST"; do
  for atsign in @client @device @relay; do
    expect_exit 0 "returning 0: found public:publickey$atsign OK" \
      "$NOPORTS_BIN/at_activate" status -a "$atsign" -r "$root"
  done
done
"$NOPORTS_BIN/atplatform" list --dir "$WORLD/platform" | grep -qE '^@client [0-9]+ joined localhost:[0-9]+$'
expect_exit 2 '@client is on a platform that has joined' \
  "$NOPORTS_BIN/atplatform" add @client --dir "$WORLD/platform"

# --- a tunnel: the client is at home on the guest, relay and device on the host -------------------

start_web
head -c 4194304 /dev/urandom >"$WORLD/web/file"
start_relay
start_device --permit-open "localhost:$WEB_PORT"
start_npt across -p "$WEB_PORT" -T 60s
curl -sSf -o "$WORLD/file" "http://localhost:$PORT/file"
[ "$(sha "$WORLD/file")" = "$(sha "$WORLD/web/file")" ] || fail "the download changed"
stop guest
# What is open stays open; a new session works when the client's platform is back.
curl -sSf -o "$WORLD/file" "http://localhost:$PORT/file" || fail "the tunnel ended with the guest"
start_guest
ROOT=$GUEST start_npt again -p "$WEB_PORT" -T 60s
curl -sSf -o "$WORLD/file.again" "http://localhost:$PORT/file"
[ "$(sha "$WORLD/file.again")" = "$(sha "$WORLD/web/file")" ] || fail "the download changed"
stop across
stop again
stop device
stop relay

# --- restarts -----------------------------------------------------------------------------------

stop platform
expect_exit 0 ' OK' "$NOPORTS_BIN/at_activate" status -a @client -r "$GUEST"
"$NOPORTS_BIN/atplatform" add @late --dir "$WORLD/guest" >/dev/null
eventually 20 log_has guest 'not joined'
stop guest
start_guest  # with the certificate that it has
eventually 20 log_has guest 'not joined'
start_platform
[ "$ROOT" = "$HOST" ] || fail "the host came back at $ROOT, not at $HOST"
expect_exit 0 ' OK' "$NOPORTS_BIN/at_activate" status -a @client -r "$HOST"
eventually 40 found_at "$HOST" @late

# --- withdrawn ----------------------------------------------------------------------------------

"$NOPORTS_BIN/atplatform" join-token --revoke "$token_id" --dir "$WORLD/platform"
expect_exit 3 'has no record for @client' "$NOPORTS_BIN/at_activate" status -a @client -r "$HOST"
expect_exit 0 ' OK' "$NOPORTS_BIN/at_activate" status -a @client -r "$GUEST"
