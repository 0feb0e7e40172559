#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Starts gvt-early's worker before udev, and goes on at once.
#
# dracut sources its hooks, in a plain initrd into PID 1: no exit here, and nothing may stay behind.

# A plain initrd has put there what it would resume from hibernation from; a systemd initrd goes by the kernel command line, and
# so does gvt-early.
# shellcheck disable=SC2154
if [ -x /usr/sbin/gvt-early ]; then
	/usr/sbin/gvt-early boot ${resume:+--resume "$resume"}
fi
return 0
