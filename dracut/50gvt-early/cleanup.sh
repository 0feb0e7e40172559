#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In a plain initrd: waits for gvt-early's worker before the real root takes over, no longer than its deadline. The worker makes
# the instances when udev has ended; dracut itself would end it behind this hook, the last one. Sourced: no exit here.
if read -r gvt_early_worker _ 2>/dev/null </run/gvt-early/worker; then
	# One that has nothing to make is gone already.
	kill -0 "$gvt_early_worker" 2>/dev/null && udevadm control --exit
	/usr/sbin/gvt-early wait
fi
unset gvt_early_worker
return 0
