# SPDX-License-Identifier: BSD-3-Clause
# Goal: sshnpd's configuration file: checked, and read again at SIGHUP while sessions live, of which
# those end that it does not allow any more.
. "$(dirname "$0")/lib.sh"
start_platform
activate @client @other @device @relay
start_relay
start_web
head -c 1048576 /dev/urandom >"$WORLD/web/file"
CONFIG=$WORLD/sshnpd.yaml

configure() {  # MANAGER,...
  cat >"$CONFIG" <<YAML
atsign:
  atsign: "@device"
  root: "$ROOT"
access:
  managers: [$1]
  permitopen: "localhost:$WEB_PORT"
device:
  name: lab
YAML
}
hangup() {  # and wait until the file has been read again
  kill -HUP "${PIDS[device]}"
  eventually 10 log_has device "$1"
}
can_fetch() { curl -sSf -m 10 -o "$WORLD/got" "http://localhost:$PORT/file" 2>>"$WORLD/log/curl.log"; }
as_other() {
  "$NOPORTS_BIN/npt" -q -f @other -t @device -r @relay -d lab --root-server "$ROOT" --dpt 3 "$@"
}

# What is wrong is told with its line, and nothing is started.
configure '"@client"'
echo 'acess: {}' >>"$CONFIG"
expect_exit 2 'sshnpd.yaml:9: unknown section acess' "$NOPORTS_BIN/sshnpd" --config "$CONFIG"
configure '"@client"'
"$NOPORTS_BIN/sshnpd" --config "$CONFIG" --check-config -P 'any passphrase' >/dev/null ||
  fail "a good configuration is refused"
"$NOPORTS_BIN/sshnpd" --config "$CONFIG" --print-config | grep -qF "localhost:$WEB_PORT" ||
  fail "--print-config does not print the rules"

start device "$NOPORTS_BIN/sshnpd" --config "$CONFIG" -v
eventually 20 log_has device ready
expect_exit 9 'runs already' "$NOPORTS_BIN/sshnpd" --config "$CONFIG"
start_npt tunnel -p "$WEB_PORT" -T 300s
can_fetch || fail "the first download"

# A session that the new rules allow lives on; a broken file changes nothing.
configure '"@client", "@other"'
hangup 'the configuration is read again'
can_fetch || fail "a session that is still allowed has ended"
echo 'access: {}' >>"$CONFIG"
hangup 'the configuration is left as it was'
can_fetch || fail "a broken file has ended a session"

# One that they do not allow any more ends, and its client gets nothing from now on.
configure '"@other"'
kill -HUP "${PIDS[device]}"
eventually 3 eval '! alive tunnel'
unset 'PIDS[tunnel]'
expect_exit 7 'not authorised' npt -q -p "$WEB_PORT" --dpt 3
printf 'GET /file HTTP/1.0\r\n\r\n' | as_other --stdio -p "$WEB_PORT" | tail -c 1048576 |
  cmp - "$WORLD/web/file" || fail "the new manager is not served"
