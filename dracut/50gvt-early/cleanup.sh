#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In a plain initrd: waits for gvt-early's worker before the real root takes over, no longer than its deadline. The worker makes
# the instances when udev has ended, which dracut itself would have done behind this hook, the last one. Sourced: no exit here.
if [ -e /run/gvt-early/worker ]; then
	udevadm control --exit
	/usr/sbin/gvt-early wait
fi
return 0
