# SPDX-License-Identifier: BSD-3-Clause
# Goal: what sshnp offers around a login: the list of devices and the menu, configuration files and
# profiles, keys without a .pub file, blocks for ssh's configuration.
. "$(dirname "$0")/lib.sh"
start_world
export PATH=$NOPORTS_BIN:$PATH
me=$(id -un)
key=$HOME/.ssh/id_ed25519
who=(-f @client -t @device --root-server "$ROOT")
# What ssh needs beside sshnp's own words, each as one word.
quiet_ssh=(-o "-o StrictHostKeyChecking=accept-new" -o "-o UserKnownHostsFile=$WORLD/ssh_hosts"
  -o "-o BatchMode=yes")

# --- the list of devices ------------------------------------------------------------------------

start attic sshnpd -a @device -m @client -d attic --root-server "$ROOT" -v
eventually 20 log_has attic ready
listed() {  # PATTERN [OPTION...]: on stdout
  local pattern=$1
  shift
  command sshnp "${who[@]}" -q --list-devices "$@" >"$WORLD/list" 2>"$WORLD/log/list.log"
  grep -qE -- "$pattern" "$WORLD/list"
}
both_active() { listed '^  lab - v' && sed '/^Inactive/,$d' "$WORLD/list" | grep -q '^  attic - v'; }
eventually 30 both_active
[ "$(grep -E '^  (attic|lab) - ' "$WORLD/list" | cut -d' ' -f3 | tr '\n' ' ')" = "attic lab " ] ||
  fail "not sorted: $(cat "$WORLD/list")"
grep -q "^  - allowedServices: localhost:$SSHD_PORT localhost:$WEB_PORT" "$WORLD/list" ||
  fail "no services: $(cat "$WORLD/list")"

stop attic
# A heartbeat of a second ago may still count.
attic_is_silent() { listed '^Inactive' --dpt 2 && sed '1,/^Inactive/d' "$WORLD/list" | grep -q '^  attic - v'; }
eventually 30 attic_is_silent

# Without -t the names are whole; with --json there is one line for programs.
command sshnp -f @client --root-server "$ROOT" -q --ls --dpt 2 >"$WORLD/list"
grep -qE '^  lab@device - v' "$WORLD/list" || fail "without -t: $(cat "$WORLD/list")"
listed lab --json --dpt 2 || fail "$(cat "$WORLD/log/list.log")"
python3 - "$WORLD/list" <<'CHECK' || fail "$(cat "$WORLD/list")"
import json
import sys
attic, lab = json.load(open(sys.argv[1]))
assert (attic["device"], attic["active"]) == ("attic", False), attic
assert (lab["device"], lab["active"], lab["atsign"]) == ("lab", True, "@device"), lab
CHECK
command sshnp -f @relay -t @device --root-server "$ROOT" -q --ls >"$WORLD/list"
[ "$(cat "$WORLD/list")" = "[X] No devices found" ] || fail "a stranger sees: $(cat "$WORLD/list")"

# --- the menu -----------------------------------------------------------------------------------

menu="$(printf '%q ' "$NOPORTS_BIN/sshnp" "${who[@]}" -r @relay -q --dpt 2 -i "$key" \
  "${quiet_ssh[@]}" -o "-o RemoteCommand=echo chosen:\$((6*7))")"
asks() { grep -qs 'Which device' "$WORLD/menu"; }
{
  eventually 30 asks
  echo 1
} | script -qefc "$menu" "$WORLD/menu" >/dev/null || fail "the menu: $(cat "$WORLD/menu")"
grep -q '^1) lab' "$WORLD/menu" && grep -q '^2) attic (does not answer)' "$WORLD/menu" &&
  grep -q 'chosen:42' "$WORLD/menu" || fail "the menu: $(cat "$WORLD/menu")"

# --- configuration ------------------------------------------------------------------------------

mkdir -p "$HOME/.sshnp/config"
cat >"$HOME/.sshnp/config/my_lab.env" <<PROFILE
#PROFILE_NAME=other
FROM=client
TO = @device
SRVD=@relay
DEVICE=lab
ROOT_SERVER="$ROOT"
IDENTITY_FILE=$key
REMOTE_USER_NAME=$me
LOCAL_SSH_OPTIONS=-o StrictHostKeyChecking=accept-new,-o UserKnownHostsFile=$WORLD/ssh_hosts
QUIET=yes
REMOTE_SSHD_PORT=2222
COLOUR=blue
PROFILE
cat >>"$HOME/.sshnp/config/my_lab.env" <<'PROFILE'
LOCAL_SSH_OPTIONS=-o RemoteCommand=echo from the profile
PROFILE
[ "$(command sshnp --profile 'my lab' 2>"$WORLD/log/profile.log")" = "from the profile" ] ||
  fail "--profile: $(cat "$WORLD/log/profile.log")"
grep -q 'my_lab.env:12: COLOUR is unknown' "$WORLD/log/profile.log" || fail "$(cat "$WORLD/log/profile.log")"
grep -q -- '--remote-sshd-port is accepted and has no effect' "$WORLD/log/profile.log" ||
  fail "$(cat "$WORLD/log/profile.log")"
[ "$(command sshnp --config-file "$HOME/.sshnp/config/my_lab.env" "${quiet_ssh[@]}" \
  -o "-o RemoteCommand=echo from the line" 2>/dev/null)" = "from the line" ] || fail "--config-file"
echo LOCAL_PORT=abc >"$WORLD/bad.env"
expect_exit 2 'bad.env:1: LOCAL_PORT: abc is no port' "$NOPORTS_BIN/sshnp" --config-file "$WORLD/bad.env"

# --- keys without a .pub file -------------------------------------------------------------------

lines() { wc -l <"$HOME/.ssh/authorized_keys"; }
knows() { grep -qF "$1" "$HOME/.ssh/authorized_keys"; }
ssh-keygen -q -t ed25519 -N 'a passphrase' -f "$WORLD/locked"
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$WORLD/pem"
for name in locked pem; do
  public=$(cut -d' ' -f1,2 "$WORLD/$name.pub")
  rm "$WORLD/$name.pub"
  command sshnp "${who[@]}" -r @relay -d lab -q -s -i "$WORLD/$name" "${quiet_ssh[@]}" \
    -o "-o RemoteCommand=true" 2>"$WORLD/log/$name.log" || [ "$name" = locked ] || # ssh may not ask here
    fail "$(cat "$WORLD/log/$name.log")"
  eventually 10 knows "$public"
done

# --- the port of -x waits for as long as it was told ----------------------------------------------

command sshnp "${who[@]}" -r @relay -d lab -q -x -u "$me" -i "$key" --idle-timeout 2 >"$WORLD/command"
port=$(grep -oE -- '^ssh -p [0-9]+' "$WORLD/command" | cut -d' ' -f3)
listens() { [ -n "$(ss -Hltn "sport = :$port")" ]; }
is_gone() { ! listens; }
listens || fail "nobody listens on $port"
eventually 20 is_gone

# --- ssh's configuration ------------------------------------------------------------------------

# The block that sshnp prints: host key pinned under the device's name, one login.
echo "lab.device $(cut -d' ' -f1,2 "$WORLD/sshd/host_key.pub")" >"$WORLD/pinned"
command sshnp "${who[@]}" -r @relay -d lab -u "$me" -i "$key" --print-ssh-config >"$WORLD/config"
with_block=(-F "$WORLD/config" -o ControlPath=none -o StrictHostKeyChecking=yes
  -o "UserKnownHostsFile=$WORLD/pinned" -o BatchMode=yes)
[ "$(ssh "${with_block[@]}" lab 'echo as $USER' 2>"$WORLD/log/block.log")" = "as $me" ] ||
  fail "the printed block: $(cat "$WORLD/config" "$WORLD/log/block.log")"
head -c 1048576 /dev/urandom >"$WORLD/sent"
scp -q "${with_block[@]}" "$WORLD/sent" "lab:$WORLD/received"
[ "$(sha "$WORLD/sent")" = "$(sha "$WORLD/received")" ] || fail "scp changed the file"

# The documentation's older template, in which an inner ssh forwards on the device.
cat >"$WORLD/template" <<CONFIG
Host nick
  Hostname localhost
  Port $SSHD_PORT
  User $me
  AddKeysToAgent yes
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  IdentityFile $key
  ProxyCommand \$(sshnp -f @client -t @device -r @relay -d lab -u $me --root-server $ROOT -i $key -o "-o UserKnownHostsFile=$WORLD/ssh_hosts" -x 2>/dev/null) -W "%h:%p" -o "StrictHostKeyChecking=no"
  ControlMaster auto
  ControlPath $WORLD/control-%r@%n:%p
CONFIG
[ "$(ssh -F "$WORLD/template" -o BatchMode=yes nick 'echo twice' 2>"$WORLD/log/template.log")" = twice ] ||
  fail "the template: $(cat "$WORLD/log/template.log")"
