# SPDX-License-Identifier: BSD-3-Clause
# Goal: an atSign is activated with the code that the platform's registrar sends to its owner: typed
# at a terminal, or on standard input where there is none; what goes wrong is said in words.
. "$(dirname "$0")/lib.sh"
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

codes=$WORLD/codes
start platform "$NOPORTS_BIN/atplatform" serve --dir "$WORLD/platform" --directory-port 0 \
  --registrar-port 0 --otp-file "$codes" -v
eventually 20 out_has platform '^registrar '
ROOT=$(sed -n 's/^directory //p' "$WORLD/log/platform.out")
REGISTRAR=$(sed -n 's/^registrar //p' "$WORLD/log/platform.out")
SSL_CERT_FILE=$("$NOPORTS_BIN/atplatform" ca --dir "$WORLD/platform")
export SSL_CERT_FILE
for atsign in @client @device @relay; do
  "$NOPORTS_BIN/atplatform" add "$atsign" --dir "$WORLD/platform" >"$WORLD/secret$atsign"
done

# Those that come and go leave the store to the server that uses it.
ls -l "/proc/${PIDS[platform]}/fd" | grep -F "$WORLD/platform/" | grep -qF '(deleted)' &&
  fail "the store was taken from the server"

onboard() {  # ATSIGN [OPTION...]: without a terminal
  local atsign=$1
  shift
  setsid -w "$NOPORTS_BIN/at_activate" onboard -a "$atsign" -r "$ROOT" -g "$REGISTRAR" "$@"
}

# At a terminal: what is no code, a wrong one, then the one that was sent.
python3 - "$codes" "$NOPORTS_BIN/at_activate" -a @client -r "$ROOT" -g "$REGISTRAR" <<'PYTHON'
import os, pty, sys
codes, program = sys.argv[1:3]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program, sys.argv[2:])
question = b"(verification code is not case-sensitive)\r\n"
seen, asked = b"", 0
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    while seen.count(question) > asked:
        asked += 1
        name, code = open(codes).read().split()
        assert name == "@client"
        wrong = "0000" if code != "0000" else "1111"
        os.write(terminal, ([b"hello", wrong.encode(), code.lower().encode()][asked - 1]) + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert status == 0 and asked == 3, (status, asked, seen)
for text in (b"Successfully sent verification code", b"[Unable to proceed] The verification code",
             b"[Unable to proceed] Invalid verification code", b"CRAM Key fetched successfully",
             b"[Success] Your .atKeys file saved at"):
    assert text in seen, (text, seen)
PYTHON
expect_exit 0 'returning 0' "$NOPORTS_BIN/at_activate" status -a @client -r "$ROOT"
grep -rqF "$(cat "$WORLD/secret@client")" "$WORLD/log" && fail "the secret is in a log"

# Without a terminal; what is printed on stdout is the result alone.
code_for() { grep -q "^$1 " "$codes"; }
mkfifo "$WORLD/typed"
onboard @device --json <"$WORLD/typed" >"$WORLD/log/device.out" 2>"$WORLD/log/device.log" &
PIDS[onboard]=$!
exec 7>"$WORLD/typed"
eventually 20 code_for @device
sed -n 's/^@device //p' "$codes" >&7
exec 7>&-
wait "${PIDS[onboard]}" || fail "it ends with $?"
unset "PIDS[onboard]"
python3 -c 'import json, sys; assert list(json.load(sys.stdin)) == ["keyFile"]' <"$WORLD/log/device.out"

# What goes wrong.
expect_exit 6 'has been activated already' onboard @device -k "$WORLD/other.atKeys"
expect_exit 6 'sends no code' onboard @nobody
expect_exit 4 'asking the registrar' onboard @relay -g localhost:1
expect_exit 2 'standard input' onboard @relay
(unset SSL_CERT_FILE; expect_exit 4 'asking the registrar' onboard @relay)
expect_exit 2 'for HTTPS' onboard @relay -g "http://$REGISTRAR"
# A code came for @relay a moment ago: another one does not come, but that one still holds.
sed -n 's/^@relay //p' "$codes" | tail -n 1 >"$WORLD/code"
onboard @relay <"$WORLD/code" >"$WORLD/log/relay.out" 2>"$WORLD/log/relay.log"
grep -q 'A code that you have got already may be good' "$WORLD/log/relay.log"
grep -q '^\[Success\]' "$WORLD/log/relay.out"
