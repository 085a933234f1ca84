#!/usr/bin/env bash
# tmux, the terminal in which tests drive the dashboard.
#
#   scripts/tmux.sh install     Debian's package; as root, on Debian or Ubuntu
#   scripts/tmux.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

case ${1:-} in
  install)
    apt-get update
    apt-get install --yes --no-install-recommends tmux
    ;;
  path)
    command -v tmux || {
      echo "tmux.sh: not installed; as root: scripts/tmux.sh install" >&2
      exit 1
    }
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
