#!/usr/bin/env bash
# promtool of Prometheus, which checks and tries the alert rules of docs/ops.
#
#   scripts/promtool.sh install     Debian's prometheus; as root, on Debian or Ubuntu
#   scripts/promtool.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=promtool
packages=prometheus
. "$(dirname "$0")/debian-program.sh"
