#!/usr/bin/env bash
# ShellCheck, which reads the scripts and what the Dockerfile runs.
#
#   scripts/shellcheck.sh install     Debian's package; as root, on Debian or Ubuntu
#   scripts/shellcheck.sh path        prints the path of the program; fails where it is not installed
set -euo pipefail

program=shellcheck
packages=shellcheck
. "$(dirname "$0")/debian-program.sh"
