# SPDX-License-Identifier: BSD-3-Clause
# Goal: curl through npt: one big download, a hundred at once, and the tunnel's own manners (loopback
# only, -x, a closed target port, --stdio).
. "$(dirname "$0")/lib.sh"
start_world --permit-open "localhost:*"
head -c 16777216 /dev/urandom >"$WORLD/web/big"
head -c 262144 /dev/urandom >"$WORLD/web/small"

start_npt tunnel -p "$WEB_PORT" -T 60s
curl -sSf -o "$WORLD/big" "http://localhost:$PORT/big"
[ "$(sha "$WORLD/big")" = "$(sha "$WORLD/web/big")" ] || fail "the download changed"

seq 100 | xargs -P 100 -I {} curl -sSf -o "$WORLD/small.{}" "http://localhost:$PORT/small"
for n in $(seq 100); do
  [ "$(sha "$WORLD/small.$n")" = "$(sha "$WORLD/web/small")" ] || fail "download $n changed"
done

# Nobody but this machine reaches the port.
ss -Hltn "sport = :$PORT" | awk '{print $4}' | grep -vE '^(127\.0\.0\.1|\[::1\]):' &&
  fail "npt listens beyond loopback"

# -x prints the port and nothing else, and stays behind.
npt -q -x -p "$WEB_PORT" >"$WORLD/port"
grep -qxE '[0-9]+' "$WORLD/port" || fail "-x printed: $(cat "$WORLD/port")"
curl -sSf -o "$WORLD/small.x" "http://localhost:$(cat "$WORLD/port")/small"
[ "$(sha "$WORLD/small.x")" = "$(sha "$WORLD/web/small")" ] || fail "the download through -x changed"

# A port where nobody listens: that connection ends, npt goes on serving.
closed=$(free_port)
start_npt closed -p "$closed" -T 60s
curl -s -m 10 -o /dev/null "http://localhost:$PORT/" && fail "a closed port answered"
alive closed || fail "npt ended with its first failed connection"
start late python3 "$(dirname "$0")/web_server.py" "$closed" "$WORLD/web"
eventually 10 port_open "$closed"
curl -sSf -m 10 -o "$WORLD/small.late" "http://localhost:$PORT/small" || fail "npt does not serve any more"

# A busy local port fails at once and says so.
expect_exit 9 'port' npt -q -p "$WEB_PORT" -l "$PORT"

# The idle timer ends a session without connections.
status=0
npt -q -p "$WEB_PORT" -T 1s || status=$?
[ "$status" = 0 ] || fail "an idle session ended with $status"

# --stdio: one stream on stdin and stdout.
printf 'GET /small HTTP/1.0\r\n\r\n' | npt -q --stdio -p "$WEB_PORT" >"$WORLD/raw"
tail -c 262144 "$WORLD/raw" | cmp - "$WORLD/web/small" || fail "--stdio changed the bytes"
