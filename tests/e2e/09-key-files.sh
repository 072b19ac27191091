# SPDX-License-Identifier: BSD-3-Clause
# Goal: key files are checked, copied, and made from what openssl enc has encrypted; files under a
# passphrase open with it, from a file or typed at the terminal; status says how far an atSign is.
. "$(dirname "$0")/lib.sh"
at_activate() { "$NOPORTS_BIN/at_activate" "$@"; }
start_platform

expect_exit 3 'returning 3: atDirectory has no record for @client' at_activate status -a @client -r "$ROOT"
"$NOPORTS_BIN/atplatform" add @client --dir "$WORLD/platform" >"$WORLD/secret"
eventually 20 expect_exit 1 'returning 1: ' at_activate status -a @client -r "$ROOT"
(umask 077; echo 'open sesame' >"$WORLD/words")
at_activate onboard -a @client -r "$ROOT" --cramkey-file "$WORLD/secret" \
  --pass-phrase-file "$WORLD/words" >"$WORLD/log/onboard.out" 2>"$WORLD/log/onboard.log"
expect_exit 0 'returning 0: found public:publickey@client OK' at_activate status -a @client -r "$ROOT"
at_activate status -a @client -r "$ROOT" --json 2>"$WORLD/log/status.log" |
  grep -q '^{"status":0,"reason":"found ' || fail "status --json prints no number"

keys=$(keys_of @client)
grep -q '"v":1' "$keys" || fail "the key file is under no passphrase"
at_activate verify -a @client --pass-phrase-file "$WORLD/words" | grep -q '^\[Success\] The keys of @client'
echo 'open says me' >"$WORLD/wrong"
chmod 600 "$WORLD/wrong"
expect_exit 2 'passphrase is wrong' at_activate verify -a @client --pass-phrase-file "$WORLD/wrong"
chmod 644 "$WORLD/wrong"
expect_exit 2 'chmod 600' at_activate verify -a @client --pass-phrase-file "$WORLD/wrong"
expect_exit 2 'pass-phrase-file' setsid -w "$NOPORTS_BIN/at_activate" verify -a @client
python3 - "$NOPORTS_BIN/at_activate" <<'PYTHON'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "verify", "-a", "@client"])
seen = b""
typed = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if not typed and b"Passphrase of" in seen:
        os.write(terminal, b"open sesame\n")
        typed = True
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert status == 0 and b"[Success]" in seen, (status, seen)
PYTHON

at_activate backup -a @client --pass-phrase-file "$WORLD/words" --to "$WORLD/safe/copy" | grep -q 'backed up'
cmp "$keys" "$WORLD/safe/copy"
[ "$(stat -c %a "$WORLD/safe/copy")" = 600 ]
expect_exit 9 'exists already' at_activate backup -a @client --pass-phrase-file "$WORLD/words" \
  --to "$WORLD/safe/copy"

# As installers at scale carry them.
activate_plain() {
  "$NOPORTS_BIN/atplatform" add @device --dir "$WORLD/platform" >"$WORLD/secret"
  at_activate onboard -a @device -r "$ROOT" --cramkey-file "$WORLD/secret" >>"$WORLD/log/onboard.out" \
    2>>"$WORLD/log/onboard.log"
}
activate_plain
openssl enc -aes-256-cbc -pbkdf2 -iter 1000000 -salt -in "$(keys_of @device)" -out "$WORLD/keys.aes" \
  -pass "file:$WORLD/words"
at_activate import -a @device --encrypted "$WORLD/keys.aes" --pass-phrase-file "$WORLD/words" \
  -k "$WORLD/imported/keys" --json | grep -q '"status":"imported"'
cmp "$(keys_of @device)" "$WORLD/imported/keys"
chmod 600 "$WORLD/wrong"
expect_exit 2 'password is wrong|not a JSON object|JSON' at_activate import -a @device \
  --encrypted "$WORLD/keys.aes" --pass-phrase-file "$WORLD/wrong" -k "$WORLD/imported/other"

chmod 640 "$(keys_of @device)"
expect_exit 2 'chmod 600' at_activate verify -a @device
at_activate verify -a @device --accept-open-key-file | grep -q Success

# What needs keys does not begin to make some; what makes them leaves those alone that are there,
# under the name that the file will have.
expect_exit 3 'run: at_activate onboard -a @nobody' at_activate otp -a @nobody -r "$ROOT"
cp "$(keys_of @device)" "$WORLD/taken.atKeys"
expect_exit 9 'atKeys file .*taken.atKeys already exists' at_activate enroll -a @device -s A1B2C3 \
  -p noports -d lab -n sshnp:rw -k "$WORLD/taken" -r "$ROOT"
chmod 600 "$(keys_of @device)"
at_activate interactive -a @device -r "$ROOT" <<<'help' 2>>"$WORLD/log/interactive.log" |
  grep -q '^  unrevoke '
for command in status otp list; do
  at_activate "$command" -a @device -r "$ROOT" --json 2>>"$WORLD/log/json.log" |
    python3 -c 'import json, sys; json.load(sys.stdin)' || fail "$command prints no JSON"
done
