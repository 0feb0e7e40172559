# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh for boots of the machine whose GPU has virtual functions (VFs). sriov.conf wants three.
#
#   vfs OPTION...          a boot of the usual machine: an Alder Lake-N, the IOMMU on, a system of tests/vm/system.sh with $root and $system;
#                          its script tells what there is (below), then runs $more
#   there NAME             asserts that all three were bound to vfio-pci before the guests would be started, and are now
#   healed NAME            asserts that the kernel looks for drivers of VFs again
#   in_time_for_guests NAME   asserts that the guests were not held up for longer than a driver that hangs may do it
. "${BASH_SOURCE[0]%/*}/lib.sh"

# shellcheck disable=SC2034 # for the tests
pf=0000:00:02.0
more=:
words='quiet intel_iommu=on'
root=trixie-backports
system=sriov

vfs() {
	{
		cat <<'END'
cd /sys/bus/pci/devices
for vf in 0000:00:02.[1-7]; do
	[ -e $vf/physfn ] || continue
	echo "vf $vf $(basename "$(readlink $vf/driver)") alone: $(ls $vf/iommu_group/devices | wc -l)"
done
echo "gpu $(basename "$(readlink 0000:00:02.0/driver)")"
echo "autoprobe $(cat 0000:00:02.0/sriov_drivers_autoprobe)"
ls /run/modprobe.d
END
		echo "$more"
	} >"$guest_script"
	boot "${mode:-quick}" --timeout 240 --gpu 0x46d1 --vfs 7 --cmdline "$words" "$@"
}

there() {
	is "$1: three, bound to vfio-pci, each in a group of its own" "$(printf '%s\n' "$output" | grep '^vf ')" \
		'vf 0000:00:02.1 vfio-pci alone: 1
vf 0000:00:02.2 vfio-pci alone: 1
vf 0000:00:02.3 vfio-pci alone: 1'
}

healed() { like "$1: the kernel looks for drivers of new functions again" "$output" '^autoprobe 1$'; }

in_time_for_guests() { in_time "$1: the guests are not held up" "$guests_at" 60; }
