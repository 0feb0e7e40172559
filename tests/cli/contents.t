#!/bin/sh
# "contents": which modules and firmware go into the initrd.
. "$(dirname "$0")/lib.sh"

# Modules as small as can be: kvmgt needs a symbol of i915 and one of mdev, i915 names the firmware that it may ask for.
cat >"$work/i915.c" <<'END'
#define INFO(n, text) __attribute__((section(".modinfo"), used)) static const char info##n[] = text;
__attribute__((section("__ksymtab_strings"), used)) static const char exported[] = "of_i915";
INFO(1, "firmware=i915/kbl_dmc_ver1_04.bin") INFO(2, "firmware=i915/skl_dmc_ver1_27.bin")
INFO(3, "firmware=i915/bxt_dmc_ver1_07.bin") INFO(4, "firmware=i915/tgl_dmc_ver2_12.bin")
INFO(5, "firmware=i915/kbl_guc_70.1.1.bin") INFO(6, "firmware=i915/kbl_huc_4.0.0.bin")
INFO(7, "firmware=i915/tgl_guc_70.bin") INFO(8, "firmware=i915/cml_huc_4.0.0.bin")
END
cat >"$work/kvmgt.c" <<'END'
extern int of_i915, of_mdev;
int *needs[] = { &of_i915, &of_mdev };
END
cat >"$work/mdev.c" <<'END'
__attribute__((section("__ksymtab_strings"), used)) static const char exported[] = "of_mdev";
END
# xe, and the i915 of i915-sriov-dkms, which needs a module of its own.
cat >"$work/xe.c" <<'END'
#define INFO(n, text) __attribute__((section(".modinfo"), used)) static const char info##n[] = text;
INFO(1, "parmtype=max_vfs:uint") INFO(2, "parmtype=force_probe:charp")
INFO(3, "firmware=i915/tgl_guc_70.bin") INFO(4, "firmware=i915/adlp_guc_70.bin") INFO(5, "firmware=xe/bmg_guc_70.bin")
INFO(6, "firmware=i915/tgl_huc.bin") INFO(7, "firmware=xe/bmg_huc.bin") INFO(8, "firmware=i915/adlp_dmc.bin")
INFO(9, "firmware=i915/adlp_dmc_ver2_16.bin") INFO(10, "firmware=i915/bmg_dmc.bin") INFO(11, "firmware=i915/tgl_dmc_ver2_12.bin")
extern int of_buddy;
int *needs[] = { &of_buddy };
END
cat >"$work/dkms.c" <<'END'
#define INFO(n, text) __attribute__((section(".modinfo"), used)) static const char info##n[] = text;
INFO(1, "parmtype=max_vfs:uint") INFO(2, "parmtype=enable_guc:int") INFO(3, "firmware=i915/adlp_guc_70.bin")
INFO(4, "firmware=i915/adlp_guc_70.1.1.bin") INFO(5, "firmware=i915/tgl_huc.bin") INFO(6, "firmware=i915/tgl_huc_7.9.3.bin")
INFO(7, "firmware=i915/mtl_guc_70.bin") INFO(8, "firmware=i915/adlp_dmc.bin")
extern int of_compat;
int *needs[] = { &of_compat };
END
for name in buddy compat; do
	echo "__attribute__((section(\"__ksymtab_strings\"), used)) static const char exported[] = \"of_$name\";" >"$work/$name.c"
done
for name in i915 kvmgt mdev xe dkms buddy compat; do
	${CC:-cc} -c -o "$work/$name.ko" "$work/$name.c" || exit 1
done
export work

# contents_on NAME WHAT <LINES
contents_on() {
	fixture "$1" <<-END
		modules \$usual_modules kernel/drivers/vfio/mdev/mdev.ko
		drivers=lib/modules/\$release/kernel/drivers
		cp "$work/i915.ko" "$work/kvmgt.ko" \$drivers/gpu/drm/i915/
		cp "$work/mdev.ko" \$drivers/vfio/mdev/
		$(cat)
	END
	golden "contents-$1" "$2" 0 contents --root "$root"
}

contents_on coffee-lake 'of the GPU that is there' </dev/null
run_inside contents --kernel 6.1.0-56-amd64
is 'in a chroot nothing is said of the GPU: exit code' "$rc" 0
is 'in a chroot nothing is said of the GPU' "$(printf '%s\n' "$output" | grep -c ^firmware)" 3
contents_on skylake 'firmware of another' <<'END'
no_gpu
gpu 0000:00:02.0 1912
END
contents_on broadwell 'of one that has none' <<'END'
no_gpu
gpu 0000:00:02.0 1616
END
contents_on guc 'GuC and HuC when they are asked for' <<'END'
cmdline i915.enable_guc=2
END
contents_on guc-options 'or in modprobe.d' <<'END'
modprobe options i915 enable_guc=2
END
contents_on guc-off 'and not when they are switched off' <<'END'
cmdline i915.enable_guc=0
modprobe options i915 enable_guc=2
END
contents_on no-gpu 'of all, when no GPU is in sight' <<'END'
no_gpu
END
contents_on unknown-module 'a module that the kernel lacks is told, the rest goes in' <<'END'
config conf.d/modules.conf <<'CONF'
[settings]
modules = vfio exngt
CONF
END
golden contents-other-kernel 'a kernel that is not there is told' 1 contents --root "$root" --kernel 1.2.3
fixture no-kvmgt <<'END'
remove lib/modules/$release/kernel/drivers/gpu/drm/i915/kvmgt.ko
END
golden contents-no-kvmgt 'so is one without kvmgt' 1 contents --root "$root"

fixture late <<'END'
config conf.d/90.conf <<X
[settings]
early = no
X
END
run contents --root "$root"
is 'early = no: nothing goes in, and that is told' "$rc$output$errors" \
	"0gvt-early: nothing goes into the initrd: 'early = no' leaves the vGPUs to gvt-early.service"
run status --root "$root"
like 'status says so too' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" "no early stage: 'early = no' leaves the vGPUs to gvt-early.service"

#
# SR-IOV
#

guest_vf='guest 101 "hostpci0: 0000:00:02.3"'

# sriov_host NAME RELEASE ID <LINES: a host whose GPU has SR-IOV, with the firmware of many. Nothing wants a vGPU.
sriov_host() {
	fixture "$1" <<-END
		host $2 pve "root=/dev/mapper/pve-root ro quiet"
		modules \$usual_modules kernel/drivers/gpu/drm/drm_buddy.ko kernel/drivers/gpu/drm/xe/xe.ko
		drivers=lib/modules/\$release/kernel/drivers
		cp "$work/i915.ko" \$drivers/gpu/drm/i915/
		cp "$work/xe.ko" \$drivers/gpu/drm/xe/
		cp "$work/buddy.ko" \$drivers/gpu/drm/drm_buddy.ko
		no_gpu
		gpu 0000:00:02.0 $3
		put sys/devices/pci0000:00/0000:00:02.0/sriov_totalvfs 7
		iommu_group 0000:00:02.0 0
		for file in i915/tgl_guc_70 i915/adlp_guc_70 i915/adlp_guc_70.1.1 i915/tgl_huc i915/adlp_dmc i915/bmg_dmc \\
			i915/tgl_dmc_ver2_12 xe/bmg_guc_70 xe/bmg_huc; do
			put lib/firmware/\$file.bin x
		done
		remove etc/gvt-early
		$(cat)
	END
}
# contents_of NAME WHAT CODE: of the snapshot that the same host gives.
contents_of() {
	"$program" snapshot --root "$root" >"$work/snapshot.conf"
	golden "contents-$1" "$2" "$3" contents --root "$root" --snapshot "$work/snapshot.conf"
}
xe_host() { sriov_host "$1" 6.18.9-1-pve 46d1; }

# same_as_xe WHAT: the same as on the host "xe".
same_as_xe() {
	"$program" snapshot --root "$root" >"$work/snapshot.conf"
	run contents --root "$root" --snapshot "$work/snapshot.conf"
	is "$1" "$rc$(printf '%s\n' "$output" | sed "s|$root|$work/root.xe|")" "0$xe"
}

xe_host xe <<END
$guest_vf
END
contents_of xe 'xe, what it needs, and the firmware that it asks for on this GPU' 0
xe=$output
run contents --root "$root"
is 'without the snapshot the same: the guests say what is wanted' "$(printf '%s\n' "$output" | grep -v 'i915\.ko\|kvmgt\.ko')" "$xe"

# The kernel that the initrd is for decides, not the one that runs.
printf 'host 6.12.43+deb13-amd64 pve quiet\n' | "$cli/make-root.sh" --change "$root"
run contents --root "$root" --snapshot "$work/snapshot.conf" --kernel 6.18.9-1-pve
is 'for another kernel than the running one' "$rc$output" "0$xe"
xe_host xe-old <<END
$guest_vf
cp -r lib/modules/\$release lib/modules/6.12.43+deb13-amd64
depmod -b . 6.12.43+deb13-amd64 2>/dev/null
END
run contents --root "$root" --snapshot "$work/snapshot.conf" --kernel 6.12.43+deb13-amd64
is 'a kernel whose xe cannot: nothing goes in' "$rc$output" 1
like 'and why' "$errors" 'no VF of 0000:00:02\.0 goes into the initrd: .*6\.18'

# What the running kernel's driver does, says nothing of the next kernel's.
xe_host bound <<END
$guest_vf
put sys/module/i915/parameters/max_vfs 7
put sys/module/i915/initstate live
bind 0000:00:02.0 i915
END
same_as_xe 'not the driver that has the GPU now'

xe_host guc <<END
$guest_vf
remove lib/firmware/i915/tgl_guc_70.bin
END
contents_of sriov-guc 'without its GuC the driver stays out' 1
xe_host guc-zst <<END
$guest_vf
remove lib/firmware/i915/tgl_guc_70.bin
put lib/firmware/i915/tgl_guc_70.bin.zst x
put boot/config-\$release CONFIG_FW_LOADER_COMPRESS_ZSTD=y
END
same_as_xe 'compressed, where the kernel can decompress it'
printf 'put boot/config-6.18.9-1-pve CONFIG_FW_LOADER=y\n' | "$cli/make-root.sh" --change "$root"
contents_of sriov-guc-zst 'compressed, where it cannot' 1
rm "$root/boot/config-6.18.9-1-pve"
run contents --root "$root" --snapshot "$work/snapshot.conf"
like 'or nobody knows' "$rc$output$errors" '^1modprobe blacklist xegvt-early: no VF .* is compressed, and /boot has no configuration of this kernel'

# i915-sriov-dkms goes before xe.
sriov_host dkms 6.12.43+deb13-amd64 46a0 <<END
$guest_vf
mkdir -p lib/modules/\$release/updates/dkms
cp "$work/dkms.ko" lib/modules/\$release/updates/dkms/i915.ko
cp "$work/compat.ko" lib/modules/\$release/updates/dkms/intel_sriov_compat.ko
END
contents_of sriov-dkms 'the i915 of i915-sriov-dkms, and what it needs' 0
unlike 'not the other one' "$output" 'kernel/drivers/gpu/drm/i915'

# GVT-g on one GPU, SR-IOV on the other.
sriov_host both 6.18.9-1-pve 3e92 <<END
gpu 0000:03:00.0 e20b
put sys/devices/pci0000:03/0000:03:00.0/sriov_totalvfs 4
guest 100 "onboot: 1" "hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4"
guest 101 "hostpci0: 0000:03:00.2"
END
contents_of sriov-both 'beside it GVT-g on another GPU' 0

# mdev= on a GPU that has no GVT-g: i915 would only take the GPU away.
xe_host no-gvt <<END
$guest_vf
guest 100 "onboot: 1" "hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4"
END
same_as_xe 'a vGPU that no GPU can give puts no i915 in'

# quiet NAME WHAT ROOT-LINES: nothing is printed, nothing is told.
quiet() {
	fixture "$1" </dev/null
	printf 'remove etc/gvt-early\n%s\n' "$3" | "$cli/make-root.sh" --change "$root"
	contents_of quiet "$2" 0
}
quiet none 'nothing is wanted: nothing is printed' ''
quiet other-vf 'the VF of a network card is not ours' 'guest 101 "hostpci0: 0000:03:10.1"'
printf 'remove lib/modules\n' | "$cli/make-root.sh" --change "$root"
contents_of quiet 'nor is it said that there are no modules' 0
fixture gvt-vf <<END
remove etc/gvt-early
$guest_vf
END
contents_of sriov-gvt-host 'a VF on a host that has GVT-g alone' 1

xe_host admin <<END
$guest_vf
cmdline xe.max_vfs=0
END
contents_of sriov-admin "the admin's word: no driver goes in" 0
xe_host early-no <<END
$guest_vf
config gvt-early.conf <<X
[settings]
early = no
X
END
run contents --root "$root"
is 'early = no: nothing of SR-IOV either' "$rc$output" 0
"$program" snapshot --root "$root" >"$work/snapshot.conf"
unlike 'nor in the snapshot' "$(cat "$work/snapshot.conf")" 'claim'
xe_host chroot <<END
config gvt-early.conf <<X
[sriov]
vfs = 3
X
END
run_inside snapshot --output /snapshot.conf
run_inside contents --snapshot /snapshot.conf --kernel 6.18.9-1-pve
is 'in a chroot: left to the service' "$rc$output$errors" \
	'0modprobe blacklist xegvt-early: no VF goes into the initrd: in a chroot the GPU is not known; the VFs are left to gvt-early.service'
run contents --root "$root" --snapshot "$work/none"
is 'a snapshot that cannot be read' "$rc$errors" '3gvt-early: failed: No such file or directory'
# The room, on file systems that really are that small
#

# with_room DIRECTORY=KIB... -- ARGUMENT...: as run, where each of these directories of $root is a file system of that size, with what
# is in it otherwise.
with_room() {
	namespace=-m
	[ "$(id -u)" -eq 0 ] || namespace=-rm
	# shellcheck disable=SC2016 # the inner shell's
	unshare $namespace sh -euc '
		root=$1 program=$2
		shift 2
		while [ "$1" != -- ]; do
			dir=$root/${1%=*} size=${1#*=}
			shift
			cp -a "$dir" "$root/away"
			mount -t tmpfs -o "size=${size}k" tmpfs "$dir"
			cp -a "$root/away/." "$dir"
			rm -r "$root/away"
		done
		shift
		exec "$program" "$@"
	' sh "$root" "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	output=$(cat "$work/out")
	errors=$(cat "$work/err")
}

# A program of 2 MiB that cannot be compressed, and an initrd of 3 MiB without it.
export PROGRAM="$program"
kver=6.1.0-56-amd64
{
	cat "$cli/words.sh"
	cat <<'END'
mkdir -p usr/sbin boot into
head -c 2097152 /dev/urandom >usr/sbin/gvt-early
put boot/vmlinuz-$release kernel
(mkdir tree && cd tree && head -c 3145728 /dev/urandom >noise && find . | cpio --quiet -o -H newc | zstd -q >../boot/initrd.img-$release)
rm -r tree
END
} >"$work/room"
fixture room <"$work/room"
asked="contents --root $root --kernel $kver --into $root/into"
record=$root/var/lib/gvt-early/left-out.$kver
mkdir -p "$root/var/lib"

# shellcheck disable=SC2086 # words
{
	with_room boot=20480 -- $asked
	is 'there is room: exit code' "$rc" 0
	like 'there is room: the contents' "$output" '^module vfio$'
	like 'there is room: by how much it grows, and what is free' "$errors" \
		"^gvt-early: kernel $kver: its initrd grows by 2\.[01] MiB; /boot has 1[67]\.[0-9] MiB free\$"

	with_room boot=7168 -- $asked
	is '/boot is too small for a second initrd: exit code' "$rc" 1
	is '/boot is too small for a second initrd: nothing goes in' "$output" nothing
	like '... said with the figures' "$errors" "^gvt-early: kernel $kver: its initrd is built without gvt-early: /boot has 3\.[89] MiB free, and the initrd, which grows by 2\.[01] MiB with gvt-early, needs 5\.[789] MiB there: the new one is written beside the old one\$"
	like '... and what to do' "$errors" "Fix: make room in /boot: .*, then run 'update-initramfs -u -k $kver'\$"
	is '... in two lines' "$(printf '%s\n' "$errors" | wc -l)" 2
	ok '... and written down' test -s "$record"
	run check --root "$root"
	like 'check has the cause' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" "gvt-early did not fit: /boot had 3\.[89] MiB free"

	mv "$root/usr/sbin/update-initramfs" "$root/usr/sbin/dracut"
	with_room boot=7168 -- $asked
	is 'dracut writes over the old one: it fits' "$rc" 0
	ok '... and the record is gone' test ! -e "$record"
	with_room boot=5400 -- $asked
	like 'or not, without a word of two' "$errors" 'needs 2\.[34] MiB there$'
	mv "$root/usr/sbin/dracut" "$root/usr/sbin/update-initramfs"

	mkdir -p "$root/etc/kernel" "$root/var/tmp/espmounts/1111-AAAA/grub"
	cp "$root/boot/"*-$kver "$root/var/tmp/espmounts/1111-AAAA/"
	printf '1111-AAAA\n2222-BBBB\n' >"$root/etc/kernel/proxmox-boot-uuids"
	with_room var/tmp/espmounts/1111-AAAA=7168 -- $asked
	is 'an ESP has room, another one is not there: exit code' "$rc" 0
	like '... both are told' "$errors" '; /boot has .* free, the ESP 1111-AAAA [34]\.[0-9] MiB, the ESP 2222-BBBB an unknown size$'
	with_room var/tmp/espmounts/1111-AAAA=5400 -- $asked
	is 'an ESP has no room' "$output" nothing
	like '... said with the figures' "$errors" 'the ESP 1111-AAAA has 2\.[012] MiB free, and the initrd, .*, needs 2\.[34] MiB there$'
	with_room boot=20480 var/tmp/espmounts/1111-AAAA=3500 -- $asked
	is 'an ESP is full' "$output" nothing
	mkdir -p "$root/into/usr/sbin" "$root/tree/usr/sbin" && cp "$root/usr/sbin/gvt-early" "$root/tree/usr/sbin/"
	(cd "$root/tree" && find . | cpio --quiet -o -H newc | zstd -q) >>"$root/boot/initrd.img-$kver"
	cp "$root/boot/"*-$kver "$root/var/tmp/espmounts/1111-AAAA/"
	with_room var/tmp/espmounts/1111-AAAA=5400 -- $asked
	is 'an ESP is full, and has the initrd with gvt-early: nothing is said' "$rc$errors" 0
}

# Before an initrd is built: for the kernels that fit, and those that do not.
{
	cat "$cli/words.sh"
	cat <<'END'
next_host
initrd 6.1.0-56-amd64 zstd usr/sbin/gvt-early
room 4718592 '/boot 1 209715200 62914560 0 3' '1111-AAAA 1 9437184 62914560 0 3'
END
} >"$work/some"
fixture some <"$work/some"
run check --next-boot --root "$root"
like 'an ESP has room for some of the kernels' "$(printf '%s\n' "$output" | tr -s '\n ' ' ')" \
	'next-room: the ESP 1111-AAAA has 9\.0 MiB free: that is enough for gvt-early in the initrds of 1 of 3 kernels, of which each grows by 4\.5 MiB'

done_testing
