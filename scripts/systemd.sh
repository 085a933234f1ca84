#!/usr/bin/env bash
# systemd-analyze, which checks the unit of docs/ops.
#
#   scripts/systemd.sh install     Debian's systemd; as root, on Debian or Ubuntu
#   scripts/systemd.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=systemd-analyze
packages=systemd
. "$(dirname "$0")/debian-program.sh"
