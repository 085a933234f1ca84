#!/usr/bin/env bash
# Programs that speak TLS to the exchange in tests: openssl, curl, and WebSocket libraries of Python and Perl.
#
#   scripts/tls-clients.sh install     Debian's packages; as root, on Debian or Ubuntu
#   scripts/tls-clients.sh missing     prints what is not there, a line each
set -euo pipefail

case ${1:-} in
  install)
    apt-get update
    apt-get install --yes --no-install-recommends \
      curl openssl python3-websockets libmojolicious-perl libio-socket-ssl-perl
    ;;
  missing)
    command -v openssl >/dev/null || echo openssl
    command -v curl >/dev/null || echo curl
    /usr/bin/python3 -c 'import websockets' 2>/dev/null || echo python3-websockets
    perl -MMojo::UserAgent -MIO::Socket::SSL -e 1 2>/dev/null || echo libmojolicious-perl
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
