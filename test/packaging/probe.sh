#!/bin/bash
# Writes to its home what a service that is shut in can still do.
{
  find / -maxdepth 4 -path /proc -prune -o -type d -writable -print -prune 2> /dev/null | sort | sed 's/^/writes /'
  for home in /root /home; do
    [ -z "$(ls -A "$home" 2> /dev/null)" ] || echo "sees $home"
  done
  # Process 1 is root's.
  [ ! -e /proc/1 ] || echo "sees the processes of others"
  for directory in "$HOME" /run/waiver /var/backups/waiver /tmp /var/tmp; do
    cp /bin/true "$directory/made"
    ! "$directory/made" 2> /dev/null || echo "runs what it wrote to $directory"
  done
  ! chmod u+s "$HOME/made" 2> /dev/null || echo "makes a program that runs as its owner"
  ! unshare --user true 2> /dev/null || echo "makes namespaces"
  ! chrt --rr 1 true 2> /dev/null || echo "takes the processor"
  ! hostname other 2> /dev/null || echo "renames the machine"
  sed -nE 's/^(CapEff|CapBnd|NoNewPrivs|Seccomp):\t/\1 /p' /proc/self/status
} > "$HOME/found"
