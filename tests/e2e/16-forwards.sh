# SPDX-License-Identifier: BSD-3-Clause
# Goal: npt with several local ports in one process: -L, --socks, what the device does not permit,
# and a device that goes and comes back.
. "$(dirname "$0")/lib.sh"
start_world --permit-open "localhost:*"
head -c 1048576 /dev/urandom >"$WORLD/web/one"
mkdir -p "$WORLD/second"
head -c 1048576 /dev/urandom >"$WORLD/second/two"
SECOND_PORT=$(free_port)
start second python3 "$(dirname "$0")/web_server.py" "$SECOND_PORT" "$WORLD/second"
eventually 10 port_open "$SECOND_PORT"

# port_of NAME TEXT: the local port that npt told for TEXT.
port_of() {
  sed -n "s/.*npt is listening on [^ ]*:\([0-9]*\) for $2\$/\1/p" "$WORLD/log/$1.log" | tail -n 1
}
# fetch FILE OPTION...: with curl, and compare.
fetch() {
  local want=$1
  shift
  curl -sSf -m 30 -o "$WORLD/got" "$@" || fail "curl $*"
  cmp "$WORLD/got" "$want" || fail "changed on the way: $*"
}
sessions() { tail -n "+$((${LOG_FROM[device]} + 1))" "$WORLD/log/device.log" | grep -c 'session starts'; }

start many "$NOPORTS_BIN/npt" -f @client -t @device -r @relay -d lab --root-server "$ROOT" \
  -L "0:localhost:$WEB_PORT" -L "127.0.0.1:0:localhost:$SECOND_PORT" --socks 0 -T 60s
eventually 20 log_has many 'for SOCKS 5'
one=$(port_of many "localhost:$WEB_PORT")
two=$(port_of many "localhost:$SECOND_PORT")
socks=$(port_of many 'SOCKS 5')
[ "$(sessions)" = 0 ] || fail "a session was opened before anybody wanted one"

fetch "$WORLD/web/one" "http://localhost:$one/one"
fetch "$WORLD/second/two" "http://127.0.0.1:$two/two"
fetch "$WORLD/web/one" "http://localhost:$one/one"
[ "$(sessions)" = 2 ] || fail "$(sessions) sessions for two destinations"

# SOCKS: names go to the device as they are; a destination that -L uses too shares its session.
fetch "$WORLD/web/one" --socks5-hostname "localhost:$socks" "http://localhost:$WEB_PORT/one"
fetch "$WORLD/second/two" --socks5-hostname "localhost:$socks" "http://localhost:$SECOND_PORT/two"
[ "$(sessions)" = 2 ] || fail "$(sessions) sessions after SOCKS"
seq 20 | xargs -P 20 -I {} curl -sSf -m 60 -o "$WORLD/got.{}" --socks5-hostname "localhost:$socks" \
  "http://localhost:$WEB_PORT/one"
for n in $(seq 20); do
  cmp "$WORLD/got.$n" "$WORLD/web/one" || fail "parallel download $n changed"
done

# What the device does not permit is refused to the program, in SOCKS's words (2: not allowed).
status=0
curl -s -m 30 --socks5-hostname "localhost:$socks" http://elsewhere.example/ 2>"$WORLD/refused" -S ||
  status=$?
[ "$status" = 97 ] || fail "curl ended with $status: $(cat "$WORLD/refused")"
log_has many 'Daemon does not permit connections to elsewhere.example:80' ||
  fail "npt does not say what was refused"
alive many || fail "npt ended with a refused destination"

# A device that was away: the next connection opens a new session.
stop device
start_device --permit-open "localhost:*"
eventually 30 curl -sSf -m 10 -o "$WORLD/again" "http://localhost:$one/one"
cmp "$WORLD/again" "$WORLD/web/one" || fail "the download after the restart changed"

# -x prints the ports, one in a line; the process behind it is one.
npt -q -x -L "0:localhost:$WEB_PORT" -L "0:localhost:$SECOND_PORT" >"$WORLD/ports"
[ "$(wc -l <"$WORLD/ports")" = 2 ] || fail "-x printed: $(cat "$WORLD/ports")"
fetch "$WORLD/second/two" "http://localhost:$(tail -n 1 "$WORLD/ports")/two"
listeners=$(ss -Hltnp "sport = :$(head -n 1 "$WORLD/ports") or sport = :$(tail -n 1 "$WORLD/ports")" |
  grep -oE 'pid=[0-9]+' | sort -u)
[ "$(wc -l <<<"$listeners")" = 1 ] || fail "-x left more than one process: $listeners"
PIDS[behind]=${listeners#pid=}

# A port that is taken, and a device that is not there, are told at once.
expect_exit 9 'port' npt -q -L "$one:localhost:$WEB_PORT"
expect_exit 7 'nowhere' "$NOPORTS_BIN/npt" -q -f @client -t @device -r @relay -d nowhere \
  --root-server "$ROOT" --dpt 2 -L "0:localhost:$WEB_PORT"
expect_exit 2 'LOCALPORT:HOST:PORT' npt -L 8080

# Of several relays the first that is there will do.
start_npt fallback -r @gone,@relay -p "$WEB_PORT" -T 60s
fetch "$WORLD/web/one" "http://localhost:$PORT/one"
