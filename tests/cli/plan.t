#!/bin/sh
# "plan" on many hosts: the whole output and the exit code of each.
. "$(dirname "$0")/lib.sh"

# plan_on NAME CODE WHAT <LINES
plan_on() {
	fixture "$1"
	golden "plan-$1" "$3" "$2" plan --root "$root"
}

#
# Instances
#

plan_on fine 0 'everything is fine, three instances are to be made' </dev/null
plan_on loaded 0 'the modules are loaded, and the GPU offers the types' <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
END
plan_on existing 0 'all are there already' <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
instance 00000001-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
END
plan_on conflict 1 'one is there with another type' <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_8 0000:00:02.0
END
# Design rule 8: what this boot's own stages have made, and nobody has open, follows what is wanted.
one=5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 other=6f8a4f0e-5d3c-4e0e-9d3a-0d1f2b7c9a10
loaded='loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2'
otherwise="$loaded
instance $one i915-GVTg_V5_8 0000:00:02.0
group $one 7
process 1 systemd /dev/null"
plan_on remake 0 'one of ours is there with another type' <<END
$otherwise
made $one
END
plan_on remake-room 0 'the room that it leaves counts' <<END
$loaded
instance $one i915-GVTg_V5_2 0000:00:02.0
process 1 systemd
made $one
END
plan_on remake-open 1 'one of ours, but somebody has it open' <<END
$otherwise
made $one
process 4711 kvm /dev/kvm /dev/vfio/vfio /dev/vfio/7 'anon_inode:[vfio-device]'
END
plan_on remake-open-other 0 'somebody has another one open' <<END
$otherwise
made $one
process 4711 kvm /dev/kvm /dev/vfio/vfio /dev/vfio/17 'anon_inode:[vfio-device]'
END
plan_on remake-open-unnamed 1 'somebody has a device open that was handed over: it may be any' <<END
$otherwise
made $one
process 4711 kvm 'anon_inode:[vfio-device]'
END
plan_on remake-open-device 1 'somebody has its own device open' <<END
$otherwise
made $one
mkdir sys/bus/mdev/devices/$one/vfio-dev sys/bus/mdev/devices/$one/vfio-dev/vfio3
process 4711 kvm /dev/vfio/devices/vfio3
END
plan_on remake-open-unknown 1 'it cannot be told who has it open' <<END
$otherwise
made $one
put proc/4711/fd 'no directory'
END
plan_on remake-later 1 'one with the same UUID, made by somebody else later' <<END
$otherwise
made $one
sed -i '2s/ / 1/' run/gvt-early/made
END
plan_on remake-other-boot 1 'a record of another boot' <<END
$otherwise
made $one
put proc/sys/kernel/random/boot_id 00000000-2fa1-41d2-883f-0016d3cca427
END
plan_on remake-untrusted 1 'a record that others may have written' <<END
$otherwise
made $one
chmod 0666 run/gvt-early/made
END
plan_on remake-hopeless 1 'what is wanted instead cannot be made: it stays' <<END
$otherwise
made $one
config gvt-early.conf <<X
[instance $one]
type = i915-GVTg_V5_1
X
END
unwanted="$loaded
instance $other i915-GVTg_V5_2 0000:00:02.0
group $other 7
process 1 systemd /dev/null"
plan_on remove 0 'one of ours that nobody wants any more, and the room that it leaves' <<END
$unwanted
made $other
END
run plan --json --root "$root"
is 'the JSON has it' "$(printf '%s\n' "$output" | jq -c .removals)" \
	"[{\"uuid\":\"$other\",\"type\":\"i915-GVTg_V5_2\",\"parent\":\"0000:00:02.0\",\"remade\":false}]"
plan_on remove-open 1 'it is open: it stays, and its room is taken' <<END
$unwanted
made $other
process 4711 kvm /dev/vfio/7
END
plan_on remove-not-ours 1 'it is not ours' <<END
$unwanted
END
plan_on remove-mistake 2 'a mistake may hide who wants it' <<END
$unwanted
made $other
config conf.d/10.conf <<X
[instance 6f8a4f0e]
X
END
plan_on remove-unread 1 'guests that cannot be read may want it' <<END
$unwanted
made $other
mkdir -p var/lib/pve-cluster
END
plan_on remove-last 0 'nothing is wanted, but one of ours is there' <<END
$unwanted
made $other
remove etc/gvt-early
END
plan_on remove-gone 0 'nothing is wanted, and what was ours has gone' <<END
$unwanted
made $other
remove etc/gvt-early sys/bus/mdev/devices/$other
END

plan_on unknown-type 1 'a type that GVT-g does not have' <<'END'
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_3
X
END
plan_on aperture-small 1 'the aperture is too small for the type' <<'END'
no_gpu
gpu 0000:00:02.0 3e92 aperture=256
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_1
X
END
plan_on aperture-none 1 'the aperture leaves no type at all' <<'END'
no_gpu
gpu 0000:00:02.0 3e92 aperture=128
loaded
types 0000:00:02.0
END
plan_on other-parent 1 'a parent that is not there' <<'END'
config conf.d/10.conf <<X
[guest 100]
hostpci0 = i915-GVTg_V5_4
parent = 01:00.0
X
END
plan_on nothing-wanted 0 'nothing is wanted' <<'END'
remove etc/gvt-early
END
plan_on nothing-in-file 0 'a configuration in which nothing is wanted' <<'END'
config gvt-early.conf <<X
# nothing yet
[settings]
debug = yes
X
END

#
# GPUs
#

plan_on gpu-none 1 'no GPU' <<'END'
no_gpu
END
plan_on gpu-other-vendor 1 'only a GPU of somebody else' <<'END'
no_gpu
gpu 0000:01:00.0 1cb3 vendor=10de
END
plan_on gpu-too-new 1 'a GPU that is too new' <<'END'
no_gpu
gpu 0000:00:02.0 4680
END
plan_on gpu-too-old 1 'a GPU that is too old' <<'END'
no_gpu
gpu 0000:00:02.0 0412
END
plan_on gpu-atom 1 "an Atom's GPU" <<'END'
no_gpu
gpu 0000:00:02.0 3185
END
plan_on gpu-discrete 1 'a discrete GPU' <<'END'
no_gpu
gpu 0000:03:00.0 56a5
END
plan_on gpu-unknown 1 'a GPU that nobody has heard of' <<'END'
no_gpu
gpu 0000:00:02.0 fff0
END
plan_on gpu-headless 0 'a GPU of class 0380' <<'END'
no_gpu
gpu 0000:00:02.0 9bc5 class=0380 aperture=1024
END
plan_on gpu-elsewhere 0 'a GPU at another address' <<'END'
no_gpu
gpu 0000:5e:1f.7 1912
END
plan_on gpu-domain 0 'a GPU in another domain' <<'END'
no_gpu
gpu 10000:00:02.0 5912
END
plan_on gpu-two 0 'an integrated and a discrete GPU' <<'END'
gpu 0000:03:00.0 56a5
END
plan_on gpu-two-reversed 0 'a discrete GPU with the lower address' <<'END'
no_gpu
gpu 0000:01:00.0 56a5
gpu 0000:04:02.0 3e92
END

#
# IOMMU
#

plan_on iommu-parameter 1 'the IOMMU is switched off by a parameter' <<'END'
iommu off
cmdline intel_iommu=off
END
plan_on iommu-default 1 'the IOMMU is off without a parameter' <<'END'
iommu off
END
plan_on iommu-absent 1 'the firmware offers no IOMMU' <<'END'
iommu absent
END

#
# i915 and the kernel
#

plan_on i915-off 1 'i915 was loaded with enable_gvt=N' <<'END'
loaded enable_gvt=N
END
plan_on i915-no-parameter 1 'i915 was built without GVT-g' <<'END'
loaded ''
END
plan_on kvmgt-missing 1 'this kernel has no kvmgt' <<'END'
modules kernel/drivers/vfio/vfio.ko kernel/drivers/gpu/drm/i915/i915.ko
END
plan_on i915-missing 1 'this kernel has no i915' <<'END'
modules kernel/drivers/vfio/vfio.ko
END
plan_on modules-missing 1 'there are no modules for this kernel' <<'END'
remove lib
END
plan_on vfio-missing 0 'modules of the list that this kernel lacks stop nothing' <<'END'
modules kernel/drivers/gpu/drm/i915/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko
END
plan_on module-list 0 'another list of modules' <<'END'
config conf.d/10.conf <<X
[settings]
modules = kvmgt vfio-pci i915 vfio_virqfd
X
END
plan_on i915-built-in 0 'i915 is built in' <<'END'
loaded
remove sys/module/i915/initstate
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
END

plan_on hung 1 'a device that did not answer when it was captured' <<'END'
loaded
put gvt-early-capture 'gvt-early capture 1
error 110 sys/bus/pci/devices/0000:00:02.0/driver_override'
END

#
# Boots that are not ours to touch (design rule 1)
#

plan_on boot-vmcore 0 'kdump, by /proc/vmcore' <<'END'
put proc/vmcore ''
END
plan_on boot-elfcorehdr 0 'kdump, by elfcorehdr=' <<'END'
cmdline elfcorehdr=867416K
END
plan_on boot-single 0 'single' <<'END'
cmdline single
END
plan_on boot-rescue 0 'rescue' <<'END'
cmdline rescue
END
plan_on boot-emergency 0 'emergency' <<'END'
cmdline emergency
END
plan_on boot-unit 0 'systemd.unit=rescue.target' <<'END'
cmdline systemd.unit=rescue.target
END
plan_on boot-nomodeset 1 'nomodeset' <<'END'
cmdline nomodeset
END
plan_on switched-off 0 'gvt_early.enable=0' <<'END'
cmdline gvt_early.enable=0
END
plan_on switched-off-for-init 0 'gvt_early.enable=0 behind -- is not for us' <<'END'
cmdline -- gvt_early.enable=0
END

#
# The admin's word (design rule 2)
#

plan_on admin-blacklist 1 'blacklist in modprobe.d' <<'END'
modprobe blacklist i915
END
plan_on admin-blacklist-kvmgt 1 'blacklist of kvmgt' <<'END'
modprobe blacklist kvmgt
END
plan_on admin-modprobe-blacklist 1 'modprobe.blacklist=' <<'END'
cmdline modprobe.blacklist=nouveau,i915
END
plan_on admin-module-blacklist 1 'module_blacklist=' <<'END'
cmdline module_blacklist=i915
END
plan_on admin-install 1 'an install line' <<'END'
modprobe install i915 /bin/true
END
plan_on admin-parameter 1 'i915.enable_gvt=0' <<'END'
cmdline i915.enable_gvt=0
END
plan_on admin-parameter-wins 0 'i915.enable_gvt=1 wins over modprobe.d' <<'END'
cmdline i915.enable_gvt=1
modprobe options i915 enable_gvt=0
END
plan_on admin-options 1 'options i915 enable_gvt=0' <<'END'
modprobe options i915 enable_gvt=0
END
plan_on admin-bound 1 'vfio-pci has the GPU' <<'END'
no_gpu
gpu 0000:00:02.0 3e92 driver=vfio-pci
END
plan_on admin-ids 1 'vfio-pci.ids=' <<'END'
cmdline vfio-pci.ids=10de:1cb3,8086:3e92
END
plan_on admin-ids-options 1 'options vfio-pci ids=' <<'END'
modprobe options vfio-pci ids=8086:3E92
END
plan_on admin-override 1 'driver_override' <<'END'
no_gpu
gpu 0000:00:02.0 3e92 override=vfio-pci
END
plan_on admin-passed-through 1 'a guest takes the GPU whole' <<'END'
put etc/pve/qemu-server/100.conf 'hostpci0: 0000:00:02.0,pcie=1'
END
plan_on admin-mdev-guest 0 'a guest takes a vGPU of it' <<'END'
put etc/pve/qemu-server/100.conf 'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4'
END
plan_on admin-dkms 1 'an i915 of DKMS' <<'END'
modules updates/dkms/i915.ko kernel/drivers/gpu/drm/i915/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko
END
plan_on dkms 0 'an i915 and kvmgt of DKMS that have GVT-g' <<'END'
modules updates/dkms/kvmgt.ko
module updates/dkms/i915.ko enable_gvt
END
plan_on admin-modeset 1 'i915.modeset=0' <<'END'
cmdline i915.modeset=0
END
plan_on admin-late 0 'a blacklist of what is loaded already' <<'END'
modprobe blacklist i915
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
END
plan_on deny-list 0 "the program's own deny list in /run is not the admin's word" <<'END'
put run/modprobe.d/gvt-early.conf 'blacklist i915'
END

#
# What is not mounted
#

plan_on no-proc 1 'no /proc' <<'END'
remove proc
END
plan_on no-sys 1 'no /sys' <<'END'
remove sys
END
plan_on empty 1 'an empty directory' <<'END'
remove etc dev lib proc run sys
END

done_testing
