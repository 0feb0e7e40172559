#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# GVT-g needs no IOMMU, Proxmox VE does: without one the instances are made, and the result is degraded.
. "$(dirname "$0")/lib.sh"
if all_boots; then plan 8; else plan 3; fi

boot quick --cmdline 'quiet intel_iommu=off'
instance 'switched off: the instances are made' 00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4
json 'switched off: degraded' '[.state, .result] | join(" ")' 'done degraded'
like 'switched off: told on the quiet console' "$console" \
	"gvt-early: iommu-off: 'intel_iommu=off' on the kernel command line switches VT-d off; run 'gvt-early check', which names the cause and the fix"

all_boots || exit 0

boot quick --iommu no
instance 'not in the firmware: the instances are made' 00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4
like 'not in the firmware: told' "$console" 'gvt-early: vtd-firmware: the firmware has no DMAR table'

# Another class, as on headless boards, and another generation.
boot quick --class 0x038000 --gpu 0x1616
json 'a display of class 0380 is found' '.gpu' 0000:00:02.0
like 'Broadwell has no V5 types' "$dmesg" 'offers no type i915-GVTg_V5_4; offered: .*i915-GVTg_V4_4'
json 'so nothing is made' '[.instances[].result] | unique | join(" ")' failed
