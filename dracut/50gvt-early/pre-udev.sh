#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts gvt-early's worker before udev, and goes on at once.
#
# dracut sources its hooks, in a plain initrd into PID 1: no exit here, and nothing may stay behind.

# A plain initrd has put there what it would resume from hibernation from; a systemd initrd goes by the kernel command line, and
# so does gvt-early.
# shellcheck disable=SC2154
/usr/sbin/gvt-early boot ${resume:+--resume "$resume"}
case $? in
[03]) ;; # it tells itself what it is about
*) echo "<3>gvt-early: /usr/sbin/gvt-early cannot be run (status $?): no vGPUs are made" >/dev/kmsg ;;
esac
return 0
