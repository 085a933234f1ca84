#!/usr/bin/env bash
# What clients of the exchange run on in tests: two versions of Node, and Python with its WebSocket and MessagePack.
#
#   scripts/client-runtimes.sh install     Node from npm into the user's cache; Debian's packages, as root
#   scripts/client-runtimes.sh missing     prints what is not there, a line each
#   scripts/client-runtimes.sh node 20     prints the path of a Node; fails where it is not installed
set -euo pipefail

readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/waiver-exchange
readonly versions="20.20.2 22.23.3"

node_of() {
  echo "$cache/node-$1/node_modules/node/bin/node"
}

case ${1:-} in
  install)
    for version in $versions; do
      [ -x "$(node_of "$version")" ] && continue
      mkdir -p "$cache/node-$version"
      timeout 180 npm install --prefix "$cache/node-$version" --no-audit --no-fund --loglevel error \
        "node@$version"
    done
    /usr/bin/python3 -c 'import websockets, msgpack' 2>/dev/null || {
      apt-get update
      apt-get install --yes --no-install-recommends python3-websockets python3-msgpack
    }
    ;;
  missing)
    for version in $versions; do
      [ -x "$(node_of "$version")" ] || echo "node $version"
    done
    /usr/bin/python3 -c 'import websockets' 2>/dev/null || echo python3-websockets
    /usr/bin/python3 -c 'import msgpack' 2>/dev/null || echo python3-msgpack
    ;;
  node)
    for version in $versions; do
      [[ $version == "${2:-}".* ]] && [ -x "$(node_of "$version")" ] && exec echo "$(node_of "$version")"
    done
    echo "client-runtimes.sh: Node ${2:-} is not installed: scripts/client-runtimes.sh install" >&2
    exit 1
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
