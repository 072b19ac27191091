# SPDX-License-Identifier: BSD-3-Clause
# Goal: OpenSSH's client logs in to OpenSSH's server through sshnp, srvd and sshnpd, in every form in
# which people call it, and files arrive whole.
. "$(dirname "$0")/lib.sh"
start_world

expected=$(id)
[ "$(sshnp -q "-o" "-o StrictHostKeyChecking=accept-new" -u "$(id -un)" -o "-T" -o "-n" \
  -o "-o RemoteCommand=id" 2>"$WORLD/log/sshnp.log")" = "$expected" ] || fail "sshnp did not print the remote id"

# Without -u the device tells whose sshd it is.
[ "$(sshnp -q -o "-o StrictHostKeyChecking=accept-new" -o "-o RemoteCommand=id")" = "$expected" ] ||
  fail "the user name of the device was not used"

# ssh's own exit status comes back.
status=0
sshnp -q -o "-o StrictHostKeyChecking=accept-new" -o "-o RemoteCommand=exit 42" || status=$?
[ "$status" = 42 ] || fail "ssh's status 42 became $status"

# -x: exactly one line, a command that works.
sshnp -q -x -u "$(id -un)" >"$WORLD/command"
[ "$(wc -l <"$WORLD/command")" = 1 ] || fail "-x printed $(wc -l <"$WORLD/command") lines"
grep -qE "^ssh -p [0-9]+ -o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes -o UserKnownHostsFile=[^ ]+ $(id -un)@localhost -i [^ ]+$" \
  "$WORLD/command" || fail "unexpected: $(cat "$WORLD/command")"
port=$(grep -oE -- '-p [0-9]+' "$WORLD/command" | cut -d' ' -f2)
head -c 16777216 /dev/urandom >"$WORLD/big"
scp -q -P "$port" -i "$HOME/.ssh/id_ed25519" -o "UserKnownHostsFile=$WORLD/ssh_hosts" \
  -o StrictHostKeyChecking=accept-new "$WORLD/big" "$(id -un)@localhost:$WORLD/big.copy"
[ "$(sha "$WORLD/big")" = "$(sha "$WORLD/big.copy")" ] || fail "scp through sshnp -x changed the file"

# ProxyCommand, with the host's key pinned under an alias.
proxy="$NOPORTS_BIN/sshnp --stdio -q -f @client -t @device -r @relay -d lab --root-server $ROOT"
ssh_options=(-i "$HOME/.ssh/id_ed25519" -o "ProxyCommand=$proxy" -o HostKeyAlias=lab.noports
  -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$KNOWN_HOSTS" -o BatchMode=yes)
[ "$(ssh "${ssh_options[@]}" "$(id -un)@lab" id)" = "$expected" ] || fail "ProxyCommand did not work"
scp -q "${ssh_options[@]}" "$(id -un)@lab:$WORLD/big" "$WORLD/big.back"
[ "$(sha "$WORLD/big")" = "$(sha "$WORLD/big.back")" ] || fail "scp through ProxyCommand changed the file"

# Another host key under the same alias is noticed.
echo "lab.noports $(cut -d' ' -f1,2 "$HOME/.ssh/id_ed25519.pub")" >"$KNOWN_HOSTS"
if ssh "${ssh_options[@]}" "$(id -un)@lab" id 2>"$WORLD/log/changed.log"; then
  fail "a changed host key was accepted"
fi
grep -qi 'host key verification failed' "$WORLD/log/changed.log" || fail "$(cat "$WORLD/log/changed.log")"

# -s sends the public key of -i before the session: a key that the device did not know logs in.
ssh-keygen -q -t ed25519 -N '' -C new -f "$WORLD/new_key"
"$NOPORTS_BIN/sshnp" -f @client -t @device -r @relay -d lab --root-server "$ROOT" -q -s \
  -i "$WORLD/new_key" -o "-o StrictHostKeyChecking=accept-new" \
  -o "-o UserKnownHostsFile=$WORLD/ssh_hosts" -o "-o RemoteCommand=true" -o "-o BatchMode=yes" ||
  fail "the key sent with -s does not open the door"
[ "$(wc -l <"$HOME/.ssh/authorized_keys")" = 2 ] || fail "authorized_keys: $(cat "$HOME/.ssh/authorized_keys")"
