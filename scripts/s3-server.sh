#!/usr/bin/env bash
# A real S3 server on this machine for tests: Ceph on one node, in memory, with its object gateway.
# It refuses what Amazon refuses (wrong secrets, altered bodies, full quotas), and knows object lock,
# which the lighter stand-ins do not.
#
#   scripts/s3-server.sh install                 the packages, about 60 MB; as root, on Debian or Ubuntu
#   scripts/s3-server.sh start [options]         prints "ready" once it answers, after about 15 s
#   scripts/s3-server.sh stop [options]          ends what `start` began and removes the folder
#   scripts/s3-server.sh stop-gateway [options]  kills the gateway as a crash would; the data stays
#   scripts/s3-server.sh start-gateway [options] starts it again
#   scripts/s3-server.sh admin [options] -- …    radosgw-admin on this server: users, buckets, quotas
#
#   --dir DIR           its folder (default: waiver-s3 in TMPDIR or /tmp); made by `start`
#   --port N            of the gateway (default: 9103); the endpoint is http://127.0.0.1:N
#   --monitor-port N    of Ceph's monitor (default: 9104)
#
# Access key AKWAIVER, secret key SKWAIVERSECRET, buckets by path. Both ports listen on loopback only.
set -euo pipefail

PACKAGES="radosgw ceph-mon ceph-osd curl"
START_SECONDS_MAX=110

verb=${1:-}
[ $# -gt 0 ] && shift
dir=${TMPDIR:-/tmp}/waiver-s3
port=9103
monitor_port=9104
while [ $# -gt 0 ]; do
  case $1 in
    --dir) dir=$2; shift 2 ;;
    --port) port=$2; shift 2 ;;
    --monitor-port) monitor_port=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "s3-server.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
export CEPH_CONF=$dir/ceph.conf

# Runs a command whose chatter is of interest only when it fails.
quietly() {
  "$@" >>"$dir/setup.log" 2>&1 || { echo "s3-server.sh: $1 failed; see $dir/setup.log" >&2; exit 1; }
}

# Waits until a command succeeds.
wait_for() {
  local deadline=$((SECONDS + START_SECONDS_MAX))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "s3-server.sh: not ready: $*" >&2; exit 1; }
    sleep 0.2
  done
}

osd_is_up() { ceph osd stat | grep -q '1 up'; }
gateway_answers() { curl --silent --output /dev/null "http://127.0.0.1:$port/"; }

write_config() {
  cat >"$CEPH_CONF" <<CONFIG
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$monitor_port
public network = 127.0.0.0/8
ms bind ipv6 = false
run dir = $dir/run
admin socket = $dir/run/\$name.asok
log file = $dir/\$name.log
pid file = $dir/\$name.pid
keyring = $dir/keyring
# One copy of everything, on the one node there is.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
# The disk of a test machine may be nearly full: the data is in memory.
mon data avail crit = 1
mon data avail warn = 1
osd objectstore = memstore
memstore device bytes = 2147483648
osd memory target = 939524096
[mon.a]
mon data = $dir/mon
[osd.0]
osd data = $dir/osd
[client.admin]
rgw data = $dir/gateway
rgw frontends = beast endpoint=127.0.0.1:$port
rgw thread pool size = 16
rgw enable usage log = false
rgw run sync thread = false
rgw enable gc threads = false
rgw enable lc threads = false
# Quotas count at once, not after minutes of caching.
rgw bucket quota ttl = 0
rgw user quota bucket sync interval = 1
CONFIG
}

make_keys() {
  : >"$dir/keyring"
  quietly ceph-authtool "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
  quietly ceph-authtool "$dir/keyring" --gen-key -n client.admin \
    --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  quietly ceph-authtool "$dir/keyring" --gen-key -n osd.0 \
    --cap mon 'allow profile osd' --cap osd 'allow *' --cap mgr 'allow *'
}

start_monitor() {
  local fsid
  fsid=$(sed -n 's/^fsid = //p' "$CEPH_CONF")
  quietly monmaptool --create --clobber --addv a "[v2:127.0.0.1:$monitor_port]" --fsid "$fsid" "$dir/monmap"
  quietly ceph-mon --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
  quietly ceph-mon -i a
}

start_storage() {
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  quietly ceph osd new "$id"
  quietly ceph-osd -i 0 --mkfs --osd-uuid "$id"
  quietly ceph-osd -i 0
  wait_for osd_is_up
}

start_gateway() {
  quietly radosgw -n client.admin
  wait_for gateway_answers
}

# Whether a process still runs; one that ended and that nobody has asked about does not.
runs() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }

# Kills the process of a pid file and waits for its end.
end_process() {
  local pid
  [ -f "$1" ] || return 0
  pid=$(cat "$1")
  kill -KILL "$pid" 2>/dev/null || true
  while runs "$pid"; do sleep 0.05; done
  rm -f "$1"
}

case $verb in
  install)
    apt-get update
    # shellcheck disable=SC2086 # one word a package
    apt-get install --yes --no-install-recommends $PACKAGES
    ;;
  start)
    for tool in $PACKAGES; do
      command -v "$tool" >/dev/null && continue
      echo "s3-server.sh: $tool is not installed; as root: scripts/s3-server.sh install" >&2
      exit 1
    done
    if [ -e "$dir" ]; then
      echo "s3-server.sh: $dir is there already; run: scripts/s3-server.sh stop --dir $dir" >&2
      exit 1
    fi
    mkdir -p "$dir"/{mon,osd,run,gateway}
    write_config
    make_keys
    start_monitor
    start_storage
    quietly radosgw-admin user create --uid=waiver --display-name=waiver \
      --access-key=AKWAIVER --secret-key=SKWAIVERSECRET
    start_gateway
    echo ready
    ;;
  stop)
    for file in "$dir"/*.pid; do end_process "$file"; done
    rm -rf "$dir"
    ;;
  stop-gateway) end_process "$dir/client.admin.pid" ;;
  start-gateway) start_gateway; echo ready ;;
  admin) exec radosgw-admin "$@" ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
