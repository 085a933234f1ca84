#!/usr/bin/env bash
# Chromium, in which tests open the trading page.
#
#   scripts/chromium.sh install     Debian's package; as root, on Debian or Ubuntu
#   scripts/chromium.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=chromium
packages="chromium fonts-dejavu-core"
. "$(dirname "$0")/debian-program.sh"
