#!/usr/bin/env bash
# systemd, which checks the unit of docs/ops, and on which it is tried.
#
#   scripts/systemd.sh install     Debian's systemd; as root, on Debian or Ubuntu
#   scripts/systemd.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=systemd-analyze
packages=systemd
. "$(dirname "$0")/debian-program.sh"
