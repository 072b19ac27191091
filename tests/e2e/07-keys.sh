# SPDX-License-Identifier: BSD-3-Clause
# Goal: daemons that are started before their keys are there say so, wait, and come up by themselves.
. "$(dirname "$0")/lib.sh"
start_platform
activate @client
start_web
echo content >"$WORLD/web/file"

start relay "$NOPORTS_BIN/srvd" -a @relay -i 127.0.0.1 --bind 127.0.0.1 --root-server "$ROOT" -v
start device "$NOPORTS_BIN/sshnpd" -a @device -m @client -d lab --root-server "$ROOT" \
  --permit-open "localhost:$WEB_PORT" -v
for name in relay device; do
  eventually 20 log_has $name 'waiting for the key file'
  log_has $name "$(keys_of "@$name")" || fail "$name does not name the file"
done

activate @relay @device
eventually 20 log_has relay ready
eventually 20 log_has device ready
npt -q --stdio -p "$WEB_PORT" < <(printf 'GET /file HTTP/1.0\r\n\r\n') | grep -q '^content' ||
  fail "the tunnel does not work"
for name in relay device; do
  [ "$(grep -c 'waiting for the key file' "$WORLD/log/$name.log")" = 1 ] || fail "$name says it too often"
done
