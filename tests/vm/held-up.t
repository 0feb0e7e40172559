#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Drivers that hang do not hold up a boot by dracut. (hang.t has initramfs-tools; held-up-*.slow compare all faults with boots
# without gvt-early.)
. "$(dirname "$0")/held-up.sh"
if all_boots; then plan 8; else plan 4; fi

use bookworm dracut
usual
bounded 'i915 hangs in probe'
! all_boots || bounded 'kvmgt hangs in create'
