# SPDX-License-Identifier: BSD-3-Clause
# Goal: client × relay × daemon, each ours or a scripted peer of another generation (tests/peers):
# every mix carries a mebibyte each way unchanged, or ends with the sentence that says why not.
# Ill-behaved peers are refused in words or change nothing.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3  # the one that has Debian's python3-cryptography
export PYTHONPATH=${here%/*} PYTHONDONTWRITEBYTECODE=1

start_platform
export NOPORTS_ROOT=$ROOT
activate @client @device @relay @relay_old @relay_517 @relay_today @stranger
start service "$python" "$here/transfer.py"
eventually 20 out_has service '^[0-9]'
read -r service_port <"$WORLD/log/service.out"
permitted=localhost:$service_port

# Several programs of one atSign start at once: the second would replace the first one's key.
"$python" -m peers share @client@device @device@client @client@relay @relay@client \
  @client@relay_old @relay_old@client @client@relay_517 @relay_517@client \
  @client@relay_today @relay_today@client @stranger@client

start_relay $("$python" "$here/matrix.py" relay-options)
SSHD_PORT=$service_port start_device --permit-open "$permitted"
start relay_old "$python" -m peers relay -a @relay_old --generation old
start relay_517 "$python" -m peers relay -a @relay_517 --generation 5.17 --single-port 0
start relay_today "$python" -m peers relay -a @relay_today --single-port 0 --stranger @stranger \
  $("$python" "$here/matrix.py" ill-relays)
start daemons "$python" -m peers daemon -a @device -m @client --permit-open "$permitted" \
  --sshd-port "$service_port" -d old=old -d c=c -d c2026=c2026 -d today \
  $("$python" "$here/matrix.py" ill-daemons)
for name in relay_old relay_517 relay_today daemons; do
  eventually 60 out_has "$name" ready
done

mkdir "$WORLD/cells"
"$python" "$here/matrix.py" run "$service_port" "$WORLD/cells"
for mode in $("$python" "$here/matrix.py" modes); do
  log_has relay_today "side ${mode%=*} authenticated by ${mode#*=}" || fail "no side by $mode"
done
