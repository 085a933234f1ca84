#!/usr/bin/env bash
# libfaketime, with which tests set the wall clock of a process while it runs.
#
#   scripts/faketime.sh install     Debian's package, about 100 kB; as root, on Debian or Ubuntu
#   scripts/faketime.sh library     prints the path of the library; fails where it is not installed
set -euo pipefail

case ${1:-} in
  install)
    apt-get update
    apt-get install --yes --no-install-recommends faketime
    ;;
  library)
    for path in /usr/lib/*/faketime/libfaketime.so.1; do
      [ -e "$path" ] && exec echo "$path"
    done
    echo "faketime.sh: not installed; as root: scripts/faketime.sh install" >&2
    exit 1
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
