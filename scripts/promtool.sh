#!/usr/bin/env bash
# promtool of Prometheus, which checks and tries the alert rules of docs/ops.
#
#   scripts/promtool.sh install     Debian's prometheus; as root, on Debian or Ubuntu
#   scripts/promtool.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

case ${1:-} in
  install)
    apt-get update
    apt-get install --yes --no-install-recommends prometheus
    ;;
  path)
    command -v promtool || {
      echo "promtool.sh: not installed; as root: scripts/promtool.sh install" >&2
      exit 1
    }
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
