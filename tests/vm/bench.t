#!/bin/sh
# The bench itself, with gvt-early switched off: the emulated machine has the GPU, the IOMMU and the kernel that tests rely on.
. "$(dirname "$0")/lib.sh"
plan 12

guest <<'END'
lspci -nn -s 00:02.0
ls /sys/class/iommu
sed -n 3p /sys/bus/pci/devices/0000:00:02.0/resource |
	{ read -r start end _ && echo "aperture $(((end - start + 1) >> 20)) MiB"; }
findmnt -n -o SOURCE,FSTYPE /
modprobe i915 enable_gvt=1 && modprobe kvmgt && ls /sys/bus/pci/devices/0000:00:02.0/mdev_supported_types
echo 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 >/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/i915-GVTg_V5_4/create
head -c 100000 /dev/zero | tr '\0' x
echo
exit 7
END
boot quick --append gvt_early.enable=0
ok 'a quick boot came up'
is "the script's exit status comes back" "$rc" 7
like 'an Intel UHD 630 at 00:02.0' "$output" '^00:02\.0 .*\[8086:3e92\]'
like 'the IOMMU is on' "$output" '^dmar0$'
like 'the aperture has its size' "$output" '^aperture 512 MiB$'
like 'the real root was reached' "$output" '^/dev/vda +ext4$'
like 'the stand-in drivers offer types' "$output" '^i915-GVTg_V5_4$'
is 'no instance without gvt-early' "$guests_mdevs" ''
like 'an instance made by hand' "$mdevs" '^5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02\.0$'
is '100 kB of output come through' "$(printf '%s\n' "$output" | wc -L)" 100000

guest <<'END'
lspci -nn -s 00:02.0
ls /sys/class/iommu
END
boot quick --append gvt_early.enable=0 --gpu none --iommu no
is 'no GPU and no IOMMU when told so' "$output" ''
unlike 'nothing failed in the kernel' "$dmesg" 'Call Trace|BUG:'
