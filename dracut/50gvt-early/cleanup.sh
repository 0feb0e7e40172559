#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In a plain initrd: waits for gvt-early's worker before the real root takes over, until its deadline. The worker creates the
# instances after udev has exited. dracut itself would stop udev only after this hook, which is the last one, so the hook stops
# udev. dracut sources this file: no exit here.
if read -r gvt_early_worker _ 2>/dev/null </run/gvt-early/worker; then
	# A worker that has nothing to create has exited already.
	kill -0 "$gvt_early_worker" 2>/dev/null && udevadm control --exit
	/usr/sbin/gvt-early wait
fi
unset gvt_early_worker
return 0
