# SPDX-License-Identifier: BSD-3-Clause
# Goal: the tabulator completes options, our atSigns and the devices reached before, in bash, zsh
# and fish; the scripts are what real shells read without complaint.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
export PATH=$NOPORTS_BIN:$PATH

mkdir -p "$HOME/.atsign/keys" "$XDG_STATE_HOME/noports"
: >"$HOME/.atsign/keys/@alice_key.atKeys"
: >"$HOME/.atsign/keys/@bernard_key.atKeys"
printf '@device attic @relay\n' >"$XDG_STATE_HOME/noports/recent-devices"

setup_bash() { echo "source <($1 --completion bash)"; }
setup_zsh() { echo "autoload -Uz compinit; compinit -u -D; source <($1 --completion zsh)"; }
tab() {  # SHELL PROGRAM TYPED WANTED
  "setup_$1" "$2" | python3 "$here/tab.py" "$1" "$3" "$4" || fail "$1: $3"
}
for shell in bash zsh; do
  tab $shell npt 'npt --remote-p' 'npt --remote-port '
  tab $shell npt 'npt -f @al' 'npt -f @alice '
  tab $shell npt 'npt -t @dev' 'npt -t @device '
  tab $shell sshnp 'sshnp -t @device -d at' 'sshnp -t @device -d attic '
  tab $shell at_activate 'at_activate unrev' 'at_activate unrevoke '
done
fish_offers() {  # PROGRAM TYPED WANTED
  fish --no-config -c "$1 --completion fish | source; complete -C '$2'" >"$WORLD/fish" 2>&1 ||
    fail "fish: $(cat "$WORLD/fish")"
  cut -f1 "$WORLD/fish" | grep -qxF -e "$3" || fail "fish: $2: $(cat "$WORLD/fish")"
}
fish_offers npt 'npt --remote-p' --remote-port
fish_offers npt 'npt -f @al' @alice
fish_offers npt 'npt -r @' @relay
fish_offers sshnp 'sshnp -d ' attic
fish_offers at_activate 'at_activate unrev' unrevoke

# Every program's scripts are whole.
for program in npt sshnp sshnpd srvd at_activate atplatform; do
  "$NOPORTS_BIN/$program" --completion bash | bash -n || fail "$program: bash"
  "$NOPORTS_BIN/$program" --completion zsh | zsh -n || fail "$program: zsh"
  "$NOPORTS_BIN/$program" --completion fish | fish --no-config -n || fail "$program: fish"
done
expect_exit 2 "want bash, zsh or fish" "$NOPORTS_BIN/npt" --completion tcsh
