#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults in the machine do not hold up a boot by dracut. (hang.t has initramfs-tools; held-up-*.slow compare all of it with
# boots without gvt-early.)
. "$(dirname "$0")/held-up.sh"
plan 20

use bookworm dracut
usual
for name in "${hangs[@]}" 'modules.dep is cut' 'the binary is missing'; do
	bounded "$name"
done
