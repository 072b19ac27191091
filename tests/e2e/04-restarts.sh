# SPDX-License-Identifier: BSD-3-Clause
# Goal: killing and restarting any of the three servers needs no manual step anywhere else: the next
# npt works within 15 s.
. "$(dirname "$0")/lib.sh"
start_world
head -c 65536 /dev/urandom >"$WORLD/web/file"
permit=(--permit-open "localhost:$SSHD_PORT,localhost:$WEB_PORT")

download() {
  npt -q --stdio -p "$WEB_PORT" --daemon-ping-timeout 3 < <(printf 'GET /file HTTP/1.0\r\n\r\n') \
    2>"$WORLD/log/download.log" | tail -c 65536 | cmp -s - "$WORLD/web/file"
}
works_within_15s() {
  local until=$((SECONDS + 15))
  until download; do
    [ "$SECONDS" -lt "$until" ] || fail "npt does not work after $1: $(cat "$WORLD/log/download.log")"
  done
}

works_within_15s "nothing"
for how in KILL TERM; do
  stop platform "$how"
  start_platform
  works_within_15s "restarting atplatform (SIG$how)"
  stop relay "$how"
  start_relay
  works_within_15s "restarting srvd (SIG$how)"
  stop device "$how"
  start_device "${permit[@]}"
  works_within_15s "restarting sshnpd (SIG$how)"
done

# With -K a tunnel that stands comes back by itself, on its own port.
start_npt kept -K -p "$WEB_PORT"
stop relay KILL
start_relay
back() { curl -sf -m 5 -o "$WORLD/file" "http://localhost:$PORT/file" && cmp -s "$WORLD/file" "$WORLD/web/file"; }
eventually 20 back
