#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Drivers that hang do not hold up a boot by dracut. (hang.t has initramfs-tools; held-up-*.slow compare all faults with boots
# without gvt-early.)
. "$(dirname "$0")/held-up.sh"
plan 12

use bookworm dracut
usual
for name in "${hangs[@]}"; do
	bounded "$name"
done
