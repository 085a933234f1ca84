#!/usr/bin/env bash
# Chromium, in which tests open the trading page.
#
#   scripts/chromium.sh install     Debian's package; as root, on Debian or Ubuntu
#   scripts/chromium.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

case ${1:-} in
  install)
    apt-get update
    apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
    ;;
  path)
    command -v chromium || {
      echo "chromium.sh: not installed; as root: scripts/chromium.sh install" >&2
      exit 1
    }
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
