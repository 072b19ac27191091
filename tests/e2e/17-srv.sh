# SPDX-License-Identifier: BSD-3-Clause
# Goal: srv as other makers' programs use it: both ends of a session at a plain relay, single and
# multi, encrypted with keys of the environment, which nobody sees afterwards.
. "$(dirname "$0")/lib.sh"
head -c 4194304 /dev/urandom >"$WORLD/web/file"
start_web

# A relay of the simplest kind: joins what comes on two ports in order, and keeps what it saw.
start meeting python3 -u "$(dirname "$0")/meeting.py" "$WORLD/seen"
eventually 10 out_has meeting '^ports '
read -r _ A B <"$WORLD/log/meeting.out"

key() { head -c "$1" /dev/urandom | base64 -w 0; }
export RV_AUTH='{"hello":"relay"}'

# connect NAME OPTION...: starts one end and waits until it says that it is ready.
connect() {
  local name=$1
  shift
  start "$name" "$NOPORTS_BIN/srv" -h 127.0.0.1 --rv-auth --rv-e2ee "$@"
  eventually 10 log_has "$name" 'rv started successfully'
}
hides_its_secrets() {  # NAME
  tr '\0' '\n' <"/proc/${PIDS[$1]}/environ" | grep -qE '^(RV_|REMOTE_AUTH)[A-Z0-9_]*=.' &&
    fail "$1 shows its secrets in its environment"
  true
}

# Single mode, one key for both directions: the device's end first.
RV_AES=$(key 32) RV_IV=$(key 16)
export RV_AES RV_IV
LOCAL=$(free_port)
connect device_one -p "$B" --local-port "$WEB_PORT"
connect client_one -p "$A" --local-port "$LOCAL" --bind-local-port --timeout 30
hides_its_secrets device_one
hides_its_secrets client_one
curl -sSf -m 30 -o "$WORLD/got" "http://localhost:$LOCAL/file"
cmp "$WORLD/got" "$WORLD/web/file" || fail "single mode changed the bytes"
wait "${PIDS[client_one]}" || fail "the client's end did not end well"
unset 'PIDS[client_one]'
unset RV_AES RV_IV

# Multi mode, a key for each direction.
RV_AES_C2D=$(key 32) RV_IV_C2D=$(key 16) RV_AES_D2C=$(key 32) RV_IV_D2C=$(key 16)
export RV_AES_C2D RV_IV_C2D RV_AES_D2C RV_IV_D2C
connect device_many -p "$B" --local-port "$WEB_PORT" --multi --timeout 60
connect client_many -p "$A" --local-port "$LOCAL" --bind-local-port --multi --timeout 60
hides_its_secrets client_many
seq 10 | xargs -P 10 -I {} curl -sSf -m 60 -o "$WORLD/got.{}" "http://localhost:$LOCAL/file"
for n in $(seq 10); do
  cmp "$WORLD/got.$n" "$WORLD/web/file" || fail "multi mode changed download $n"
done
stop client_many
eventually 10 eval '! alive device_many'

# The relay saw the line in front of each connection, and nothing of what was carried.
grep -qaF '{"hello":"relay"}' "$WORLD/seen" || fail "the relay did not get its line"
grep -qaE 'GET /file|HTTP/1' "$WORLD/seen" && fail "the relay could read what was carried"

# Failures: in the words and with the status that callers know.
expect_exit 200 'Exception running srv : .*reaching the service' \
  "$NOPORTS_BIN/srv" -h 127.0.0.1 -p "$B" --local-port "$(free_port)" --rv-auth --rv-e2ee
expect_exit 200 'Exception running srv : .*relay' \
  "$NOPORTS_BIN/srv" -h 127.0.0.1 -p "$(free_port)" --local-port "$WEB_PORT" --rv-auth --rv-e2ee
unset RV_AUTH
expect_exit 2 'RV_AUTH is not in environment' "$NOPORTS_BIN/srv" -h 127.0.0.1 -p "$B" --rv-auth
