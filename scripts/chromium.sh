#!/usr/bin/env bash
# Chromium, in which tests open the trading page.
#
#   scripts/chromium.sh install     Debian's packages; as root, on Debian or Ubuntu
#   scripts/chromium.sh path        prints the path of the program; fails where it is not installed
#
# Where there is a package of its shell without windows, that is what tests run: the same engine for two thirds of the
# processor's time.
set -euo pipefail

program=chromium
packages="chromium fonts-dejavu-core"
shell=chromium-headless-shell
if command -v "$shell" >/dev/null; then program=$shell; fi
. "$(dirname "$0")/debian-program.sh"
if [ "$1" = install ]; then
  apt-get install --yes --no-install-recommends "$shell" || echo "chromium.sh: without $shell" >&2
fi
