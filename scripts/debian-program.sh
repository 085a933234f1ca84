# shellcheck shell=bash disable=SC2154
# Sourced: installs a program of Debian's `packages`, or prints the path of `program`, as the comment of the script says
# that sources it.
case ${1:-} in
  install)
    apt-get update
    # shellcheck disable=SC2086
    apt-get install --yes --no-install-recommends $packages
    ;;
  path)
    command -v "$program" || {
      echo "$(basename "$0"): not installed; as root: scripts/$(basename "$0") install" >&2
      exit 1
    }
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
