#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts gvt-early's worker before udev, and returns at once.
#
# dracut sources its hooks, in a plain initrd into PID 1: no exit here, and no variable or function may stay behind.

# A plain initrd has set $resume to the device from which it would resume from hibernation. A systemd initrd uses the kernel command
# line, and so does gvt-early.
# shellcheck disable=SC2154
/usr/sbin/gvt-early boot ${resume:+--resume "$resume"}
case $? in
[03]) ;; # the program has reported the result itself
*) echo "<3>gvt-early: /usr/sbin/gvt-early cannot be run (status $?): no vGPUs are created" >/dev/kmsg ;;
esac
return 0
