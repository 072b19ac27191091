# SPDX-License-Identifier: BSD-3-Clause
# A whole NoPorts world on loopback for one scenario: atplatform, activated atSigns, relay, device,
# sshd, web server. Source it; everything it started ends with the shell. Also used by scripts/demo
# and scripts/bench.
set -euo pipefail

: "${NOPORTS_BIN:?the folder with the built programs}"
WORLD=$(mktemp -d "${TMPDIR:-/tmp}/noports.XXXXXX")
chmod 700 "$WORLD"
mkdir -p "$WORLD/home" "$WORLD/log" "$WORLD/web"
export HOME=$WORLD/home XDG_STATE_HOME=$WORLD/home/.local/state
unset SSH_AUTH_SOCK
declare -A PIDS=()

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# --- processes ----------------------------------------------------------------------------------

# start NAME COMMAND...: in the background, its output in log/NAME.{out,log}.
start() {
  local name=$1
  shift
  : >>"$WORLD/log/$name.log"
  : >"$WORLD/log/$name.out"  # before it is looked at; the shell below opens it a moment later
  LOG_FROM[$name]=$(wc -l <"$WORLD/log/$name.log")
  "$@" >"$WORLD/log/$name.out" 2>>"$WORLD/log/$name.log" </dev/null &
  PIDS[$name]=$!
}
declare -A LOG_FROM=()

# stop NAME [SIGNAL]: and wait for its end.
stop() {
  local pid=${PIDS[$1]:-}
  [ -n "$pid" ] || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "PIDS[$1]"
}

finish() {
  local status=$? name
  for name in "${!PIDS[@]}"; do
    kill -TERM "${PIDS[$name]}" 2>/dev/null || true
  done
  for name in "${!PIDS[@]}"; do
    wait "${PIDS[$name]}" 2>/dev/null || true
  done
  if [ "$status" != 0 ] && [ -z "${QUIET_FAILURE:-}" ]; then
    for name in "$WORLD"/log/*.log; do
      echo "--- the end of $(basename "$name")" >&2
      tail -n 25 "$name" >&2
    done
  fi
  [ -n "${KEEP_WORLD:-}" ] || rm -rf "$WORLD"
  exit "$status"
}
trap finish EXIT
# A command that ends the scenario is named: many say nothing themselves.
trap 'echo "FAILED: ${BASH_SOURCE[0]##*/}:$LINENO: exit $?: $BASH_COMMAND" >&2' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

# eventually SECONDS COMMAND...: until it succeeds.
eventually() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || fail "waited in vain for: $*"
    read -rt 0.05 <> <(:) || true
  done
}

# log_has NAME TEXT: since its last start.
log_has() { tail -n "+$((${LOG_FROM[$1]} + 1))" "$WORLD/log/$1.log" | grep -qF -- "$2"; }
out_has() { grep -qE -- "$2" "$WORLD/log/$1.out"; }
alive() { kill -0 "${PIDS[$1]:-0}" 2>/dev/null; }

# --- the world ----------------------------------------------------------------------------------

keys_of() { echo "$HOME/.atsign/keys/$1_key.atKeys"; }

start_platform() {  # the port is free the first time, and the same ever after
  start platform "$NOPORTS_BIN/atplatform" serve --dir "$WORLD/platform" \
    --directory-port "${DIRECTORY_PORT:-0}" -v
  eventually 20 out_has platform '^directory '
  ROOT=$(sed -n 's/^directory //p' "$WORLD/log/platform.out")
  DIRECTORY_PORT=${ROOT##*:}
  SSL_CERT_FILE=$("$NOPORTS_BIN/atplatform" ca --dir "$WORLD/platform")
  export SSL_CERT_FILE
}

activate() {  # ATSIGN...
  local atsign
  for atsign in "$@"; do
    "$NOPORTS_BIN/atplatform" add "$atsign" --dir "$WORLD/platform" >"$WORLD/secret"
    "$NOPORTS_BIN/at_activate" onboard -a "$atsign" -r "$ROOT" --cramkey-file "$WORLD/secret" \
      >>"$WORLD/log/activate.out" 2>>"$WORLD/log/activate.log"
    rm -f "$WORLD/secret"
  done
}

start_relay() {  # [OPTION...]
  start relay "$NOPORTS_BIN/srvd" -a @relay -i 127.0.0.1 --bind 127.0.0.1 --root-server "$ROOT" \
    -v "$@"
  eventually 20 log_has relay ready
}

start_device() {  # [OPTION...]
  start device "$NOPORTS_BIN/sshnpd" -a @device -m @client -d lab --root-server "$ROOT" \
    --local-sshd-port "${SSHD_PORT:-22}" -s -v "$@"
  eventually 20 log_has device ready
}

start_sshd() {
  local user
  user=$(id -un)
  mkdir -p "$WORLD/sshd" "$HOME/.ssh"
  chmod 700 "$HOME/.ssh"
  ssh-keygen -q -t ed25519 -N '' -C host -f "$WORLD/sshd/host_key"
  ssh-keygen -q -t ed25519 -N '' -C user -f "$HOME/.ssh/id_ed25519"
  cp "$HOME/.ssh/id_ed25519.pub" "$HOME/.ssh/authorized_keys"
  chmod 600 "$HOME/.ssh/authorized_keys"
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  SSHD_PORT=$(free_port)
  cat >"$WORLD/sshd/config" <<CONFIG
ListenAddress 127.0.0.1:$SSHD_PORT
HostKey $WORLD/sshd/host_key
AuthorizedKeysFile $HOME/.ssh/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
AllowUsers $user
MaxStartups 200
Subsystem sftp internal-sftp
CONFIG
  start sshd /usr/sbin/sshd -D -e -f "$WORLD/sshd/config"
  eventually 10 port_open "$SSHD_PORT"
  KNOWN_HOSTS=$WORLD/known_hosts
  echo "lab.noports $(cut -d' ' -f1,2 "$WORLD/sshd/host_key.pub")" >"$KNOWN_HOSTS"
}

start_web() {
  WEB_PORT=$(free_port)
  start web python3 "$(dirname "${BASH_SOURCE[0]}")/web_server.py" "$WEB_PORT" "$WORLD/web"
  eventually 10 port_open "$WEB_PORT"
}

# A port nobody listens on now. Only for foreign servers that cannot choose one themselves.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_world() {  # everything; options go to the device
  start_platform
  activate @client @device @relay
  start_relay
  start_sshd
  start_web
  start_device --permit-open "localhost:$SSHD_PORT,localhost:$WEB_PORT" "$@"
}

# --- use ----------------------------------------------------------------------------------------

npt() {
  "$NOPORTS_BIN/npt" -f @client -t @device -r @relay -d lab --root-server "$ROOT" "$@"
}

sshnp() {
  "$NOPORTS_BIN/sshnp" -f @client -t @device -r @relay -d lab --root-server "$ROOT" \
    -i "$HOME/.ssh/id_ed25519" -o "-o UserKnownHostsFile=$WORLD/ssh_hosts" "$@"
}

# start_npt NAME OPTION...: a tunnel that stays; its port is in PORT.
start_npt() {
  local name=$1
  shift
  start "$name" "$NOPORTS_BIN/npt" -f @client -t @device -r @relay -d lab --root-server "$ROOT" "$@"
  eventually 20 log_has "$name" 'npt is listening on'
  PORT=$(grep -oE 'npt is listening on [^ ]+:[0-9]+' "$WORLD/log/$name.log" | tail -n 1)
  PORT=${PORT##*:}
}

sha() { sha256sum "$1" | cut -d' ' -f1; }

# expect_exit STATUS TEXT COMMAND...: ends with STATUS, and stderr holds TEXT (extended regex).
expect_exit() {
  local want=$1 text=$2 got=0
  shift 2
  "$@" >"$WORLD/log/command.out" 2>"$WORLD/log/command.log" </dev/null || got=$?
  [ "$got" = "$want" ] || fail "exit $got, not $want: $* ($(tail -n 2 "$WORLD/log/command.log"))"
  grep -qE -- "$text" "$WORLD/log/command.log" ||
    fail "no \"$text\" in: $(cat "$WORLD/log/command.log")"
}
