#!/usr/bin/env bash
# tmux, the terminal in which tests drive the dashboard.
#
#   scripts/tmux.sh install     Debian's package; as root, on Debian or Ubuntu
#   scripts/tmux.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=tmux
packages=tmux
. "$(dirname "$0")/debian-program.sh"
