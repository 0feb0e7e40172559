#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mdevctl.sh [ROOT]: Debian's mdevctl, its rule for udev and definitions of the instances of tests/vm/gvt-early.conf, each as a line FILE=PATH as
# boot.sh wants it.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/../vm/common.sh"
. "$vm_dir/packages.sh"

tar=$(package_files "${1:-bookworm}" mdevctl mdevctl)
place=$build/bench/mdevctl-${1:-bookworm}
rm -rf "$place"
mkdir -p "$place/etc/mdevctl.d/0000:00:02.0"
tar -C "$place" -xf "$tar" ./usr/bin/mdevctl ./lib/udev
# The rule calls it there, where Debian's package does not have it: without this link of the admin's no rule would ever work.
mkdir -p "$place/usr/sbin"
cp "$place/usr/bin/mdevctl" "$place/usr/sbin/"
# Each instance of the file: its section's name, and its type.
awk '/^\[instance / { uuid = substr($2, 1, 36) }
	/^\[guest / { uuid = sprintf("00000000-0000-0000-0000-%012d", $2) }
	$2 == "=" { print uuid, $3 }' "$vm_dir/gvt-early.conf" | while read -r uuid type; do
	printf '{ "mdev_type": "%s", "start": "auto", "attrs": [] }\n' "$type" >"$place/etc/mdevctl.d/0000:00:02.0/$uuid"
done
cd "$place"
find . -type f -printf "$place/%P=/%P\n" | LC_ALL=C sort
