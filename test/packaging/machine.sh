#!/usr/bin/env bash
# Starts a systemd of its own as process 1, in namespaces: with the /usr of this machine, and the rest of its root in a
# directory. As root:
#
#   unshare --mount test/packaging/machine.sh boot DIRECTORY     an empty one; prints the id by which nsenter gets in, and
#                                                                ends when the machine does
#   unshare --mount test/packaging/machine.sh try DIRECTORY      whether the system lets it
#
# It has the network of this machine, and none of its settings can be written from there.
set -euo pipefail

what=$1
directory=$2
namespaces=(--mount --pid --fork --kill-child --cgroup --uts --ipc)

# The machine takes a cgroup of its own to be the whole tree.
boot() {
  local tree="$directory/cgroup" own status=0
  mkdir "$tree"
  mount -t cgroup2 cgroup2 "$tree"
  own="$tree$(sed -n 's/^0:://p' /proc/self/cgroup)/waiver-machine-$$"
  mkdir "$own"
  (
    echo "$BASHPID" > "$own/cgroup.procs"
    exec unshare "${namespaces[@]}" "$0" start "$directory/root"
  ) || status=$?
  find "$own" -depth -type d -exec rmdir {} +
  umount "$tree"
  return "$status"
}

start() {
  # As others see it: /proc is still theirs.
  local id
  read -r id _ < /proc/self/stat
  mkdir "$directory"
  mount --bind "$directory" "$directory"
  cd "$directory"
  make_root
  mount_system
  mkdir old
  pivot_root . old
  umount --lazy old
  rmdir old
  echo "$id"
  exec env --ignore-environment container=other PATH=/usr/local/bin:/usr/bin:/usr/sbin \
    /usr/lib/systemd/systemd --log-target=journal
}

make_root() {
  mkdir -p etc/systemd/system usr var proc sys dev run root home srv tmp
  chmod 0700 root
  chmod 1777 tmp
  local name
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
  cp -a /etc/alternatives /etc/ld.so.cache /etc/login.defs etc
  printf '%s:x:%d:%d::/root:/bin/bash\n' root 0 0 nobody 65534 65534 > etc/passwd
  printf '%s:x:%d:\n' root 0 adm 4 tty 5 utmp 43 nogroup 65534 > etc/group
  (umask 077 && touch etc/shadow etc/gshadow)
  # Without one it would take every service that there is to be wanted.
  tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
  for name in dbus.{service,socket} systemd-logind.service modprobe@.service \
    sys-{kernel-debug,kernel-tracing,fs-fuse-connections}.mount; do
    ln -s /dev/null "etc/systemd/system/$name"
  done
}

mount_system() {
  mount --bind /usr usr
  mount -o remount,bind,ro usr
  mount -t tmpfs -o mode=0755 local usr/local
  mkdir usr/local/bin
  mount -t proc proc proc
  local name
  for name in sys sysrq-trigger; do
    [ -e "proc/$name" ] || continue
    mount --bind "proc/$name" "proc/$name"
    mount -o remount,bind,ro "proc/$name"
  done
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=0755 run run
  ln -s /run var/run
  mount -t tmpfs -o mode=0755 dev dev
  for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
  done
  ln -s /proc/self/fd dev/fd
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs -o mode=1777 shm dev/shm
}

# What the kernel may refuse, above all in a container.
try() {
  exec unshare "${namespaces[@]}" "$0" tried "$directory"
}

tried() {
  mkdir "$directory"/{proc,cgroup}
  mount -t proc proc "$directory/proc"
  mount -t cgroup2 cgroup2 "$directory/cgroup"
  mkdir "$directory/cgroup/waiver-machine-$$"
  rmdir "$directory/cgroup/waiver-machine-$$"
}

"$what"
