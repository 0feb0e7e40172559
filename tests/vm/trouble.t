#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One bad entry costs that entry alone: no room, an unknown type, another parent. What gvt-early has made itself it makes anew;
# what somebody else has made is left alone.
. "$(dirname "$0")/lib.sh"
plan 20

config <<'END'
[instance 00000000-0000-4000-8000-000000000001]
type = i915-GVTg_V5_2
[instance 00000000-0000-4000-8000-000000000002]
type = i915-GVTg_V5_3
[instance 00000000-0000-4000-8000-000000000003]
type = i915-GVTg_V5_1
[instance 00000000-0000-4000-8000-000000000004]
type = i915-GVTg_V5_4
[instance 00000000-0000-4000-8000-000000000005]
type = i915-GVTg_V5_8
[instance 00000000-0000-4000-8000-000000000006]
type = i915-GVTg_V5_8
parent = 0000:00:03.0
[instance 00000000-0000-4000-8000-000000000007]
type = i915-GVTg_V5_8
END
guest <<'END'
# The same UUID with another type.
cat >/etc/gvt-early/gvt-early.conf <<CONF
[instance 00000000-0000-4000-8000-000000000001]
type = i915-GVTg_V5_8
CONF
gvt-early apply
echo "apply with another type: $?"
# An instance that somebody else made, with another type than is wanted.
echo 00000000-0000-4000-8000-00000000000a >/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_8/create
cat >/etc/gvt-early/gvt-early.conf <<CONF
[instance 00000000-0000-4000-8000-00000000000A]
type = i915-GVTg_V5_4
CONF
gvt-early plan
gvt-early apply
echo "apply with a conflict: $?"
# The same, as wanted.
cat >/etc/gvt-early/gvt-early.conf <<CONF
[instance 00000000-0000-4000-8000-00000000000A]
type = i915-GVTg_V5_8
CONF
gvt-early apply
echo "apply with one that exists: $?"
# A broken configuration: the rest counts.
cat >/etc/gvt-early/gvt-early.conf <<CONF
nonsense
[instance 00000000-0000-4000-8000-00000000000a]
type = i915-GVTg_V5_8
CONF
gvt-early apply
echo "apply with a mistake: $?"
END
# 512 MiB: 384 beside the host's. _2 takes 256, then there is room for two _8.
boot quick --aperture 512

instance    'what fits is made'                   00000000-0000-4000-8000-000000000001 i915-GVTg_V5_2
no_instance 'an unknown type is not'              00000000-0000-4000-8000-000000000002
no_instance 'nor one that this aperture has not'  00000000-0000-4000-8000-000000000003
instance    'the next one that fits is made'      00000000-0000-4000-8000-000000000004 i915-GVTg_V5_4
no_instance 'what does not fit any more is not'   00000000-0000-4000-8000-000000000005
no_instance 'nor one on a parent that is no GPU'  00000000-0000-4000-8000-000000000006
like 'the unknown type is told with those that exist' "$dmesg" \
	'gvt-early: create .*0002: for .*gvt-early.conf:4: 0000:00:02.0 offers no type i915-GVTg_V5_3; offered: i915-GVTg_V5_2, i915-GVTg_V5_4, i915-GVTg_V5_8'
like 'the missing type is told with the aperture it needs' "$dmesg" \
	'create .*0003: .*no type i915-GVTg_V5_1 with an aperture of 512 MiB; it needs 1024 MiB'
like 'ENOSPC is told with the figures' "$dmesg" \
	'create .*0005: .*no room left on the GPU \(No space left on device\): needs 64 MiB of aperture.*aperture 512 MiB: host 128, 2 vGPUs 384, free 0;.*too little aperture'
like 'the wrong parent is told' "$dmesg" 'create .*0006: .*0000:00:03.0 is not an Intel display device'
like 'and all of it on the quiet console' "$console" 'gvt-early: done: 2 of 7 instances present, degraded'
json 'the report has each' '[.instances[].result] | join(" ")' 'created failed failed created failed failed failed'
like 'its own of another type goes' "$output" 'remove .*0001: i915-GVTg_V5_2 on 0000:00:02.0, created in this boot, now wanted with another type or parent'
like 'and is made anew' "$output" 'create .*0001: i915-GVTg_V5_8 on 0000:00:02.0'
like 'all is well then' "$output" '^apply with another type: 0$'
like "somebody else's is a conflict" "$output" '000a exists as i915-GVTg_V5_8 on 0000:00:02.0, but i915-GVTg_V5_4 on 0000:00:02.0 is wanted'
like 'and is degraded' "$output" '^apply with a conflict: 1$'
like 'and left alone' "$mdevs" '000a i915-GVTg_V5_8'
like 'one that exists as wanted is success' "$output" '^apply with one that exists: 0$'
like 'a mistake has its own exit code' "$output" '^apply with a mistake: 2$'
