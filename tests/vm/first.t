#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else has i915 first: it gets the option from the initrd's modprobe.d, the boot ends well, and the report says who it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/initrd.sh"
if all_boots; then plan 8; else plan 4; fi

# first WHO OPTION...: without our blacklist, and without enable_gvt on the kernel command line.
first() {
	local who=$1
	shift
	change /etc/modprobe.d/00-gvt-early-initrd.conf <<<'options i915 enable_gvt=1'
	boot quick --cmdline 'quiet intel_iommu=on' "${changes[@]}" "$@"
	json "$who: told in the report" .i915_loaded_by "$who"
	like "$who: and in the kernel log" "$dmesg" "gvt-early: load i915: was loaded already, by $who"
	json "$who: with GVT-g, as read back" '[.state, .result] | join(" ")' 'done ok'
	is "$who: the instances are there" "$(printf '%s\n' "$guests_mdevs" | wc -l)" 3
}

if all_boots; then
	system=dracut
	open_initrd
	first modules-load.d --append modules_load=i915
fi

# A script that wants to run earlier can put ours behind udev.
system=with
open_initrd
change /scripts/init-top/ORDER < <(grep -v gvt-early "$image/scripts/init-top/ORDER"; grep gvt-early "$image/scripts/init-top/ORDER")
first udev
