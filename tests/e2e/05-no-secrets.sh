# SPDX-License-Identifier: BSD-3-Clause
# Goal: no key shows up in any log at any level, in argv or in the environment of any process, and
# files with keys are nobody else's to read.
. "$(dirname "$0")/lib.sh"
start_platform
"$NOPORTS_BIN/atplatform" add @client --dir "$WORLD/platform" >"$WORLD/client_secret"
# The secret on the command line, as the reference's users give it: gone from argv once it was read.
start activate "$NOPORTS_BIN/at_activate" onboard -a @client -r "$ROOT" \
  -c "$(cat "$WORLD/client_secret")" --debug
eventually 30 out_has activate 'Success'
activate @device @relay
start_relay --debug
start_sshd
start_web
start_device --permit-open "localhost:$WEB_PORT" --debug
head -c 65536 /dev/urandom >"$WORLD/web/file"
start_npt tunnel --debug -p "$WEB_PORT" -T 60s
curl -sSf -o "$WORLD/file" "http://localhost:$PORT/file"

# What is known: the secrets of activation and everything in the key files.
cp "$WORLD/client_secret" "$WORLD/known"
python3 - "$HOME/.atsign/keys" >>"$WORLD/known" <<'PYTHON'
import base64, json, pathlib, subprocess, sys
for path in pathlib.Path(sys.argv[1]).glob("*.atKeys"):
    members = json.loads(path.read_text())
    own = base64.b64decode(members["selfEncryptionKey"])
    print(members["selfEncryptionKey"], members["apkamSymmetricKey"], sep="\n")
    for name in ("aesPkamPrivateKey", "aesEncryptPrivateKey"):
        clear = subprocess.run(
            ["openssl", "enc", "-d", "-aes-256-ctr", "-nopad", "-K", own.hex(), "-iv", "0" * 32],
            input=base64.b64decode(members[name]), capture_output=True, check=True).stdout
        print(members[name])
        print(clear.rstrip(bytes(range(17))).decode())
PYTHON
[ "$(wc -l <"$WORLD/known")" = 19 ] || fail "expected 19 known secrets"

grep -rlFf "$WORLD/known" "$WORLD/log" && fail "a key file's secret is in a log"
# Session keys are not known, but 32 bytes in base64 look like this.
grep -rEl '(^|[^A-Za-z0-9+/])[A-Za-z0-9+/]{43}=' "$WORLD/log" && fail "something like a key is in a log"

checked=0
for name in platform relay device tunnel; do
  alive "$name" || fail "$name is gone"
  proc=/proc/${PIDS[$name]}
  tr '\0' '\n' <"$proc/cmdline" | grep -Ff "$WORLD/known" && fail "a secret is in argv of $name"
  tr '\0' '\n' <"$proc/environ" | grep -Ff "$WORLD/known" && fail "a secret is in the environment of $name"
  # No core dump: neither by limit nor by ptrace of the same user.
  grep -qE '^Max core file size +0 +0' "$proc/limits" || fail "$name may dump core"
  checked=$((checked + 1))
done
[ "$checked" = 4 ]

readable=$(find "$HOME/.atsign" "$WORLD/platform" -perm /077 | head -n 5)
[ -z "$readable" ] || fail "others may read: $readable"
