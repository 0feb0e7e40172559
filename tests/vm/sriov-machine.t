#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated GPU with virtual functions and the stand-ins for its drivers are what they are to be. (sriov-machine.slow has the
# other kernels, and all faults.)
. "$(dirname "$0")/sriov-machine.sh"
plan 42

on trixie dkms+plain xe i915 stock-i915
split_is_right xe
qemu_is_right xe
split_is_right i915

said xe 'unforced: driver $'
said xe '.*Your graphics device 46d1 is not officially supported'
said xe '.*Using GuC firmware from i915/tgl_guc_70.bin version'
said xe '.*\[drm\] PF: Enabled 3 of 7 VFs'
said xe 'attributes .bulk_profile pf vf1 vf2 vf3 vf4 vf5 vf6 vf7 VF 1 0 ms 0 us'
said xe 'priority: \[low\] normal, all: ok low \[normal\] high'
said i915 '.*You are using the i915-sriov-dkms module'
said i915 '.*: 7 VFs could be associated with this PF'
said i915 'attributes .*vf7 mode SR-IOV PF'
said i915 'a VF with autoprobe: driver i915'
said stock-i915 ".*i915: unknown parameter 'max_vfs' ignored"
said stock-i915 'driver i915, total 7'
said stock-i915 'enable 1: No such file or directory'
said stock-i915 '.*driver does not support SR-IOV configuration via sysfs'
