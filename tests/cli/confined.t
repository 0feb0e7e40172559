#!/bin/bash
# --root: nothing outside of that directory is read, wherever links, ".." and names in the tree's files lead, and no device and no FIFO
# in it is opened. What is outside is there once and gone once: that must not change a word.
. "$(dirname "$0")/lib.sh"

outside=$work/outside
tree=$work/root.tree
REPORT=$(cat "$cli/report.json")
export REPORT

# A host that has something of everything that is read.
fixture tree <<END
loaded
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4
free 0000:00:02.0 i915-GVTg_V5_8 3 'low_gm_size: 64MB
high_gm_size: 384MB'
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
instance 00000000-0000-0000-0000-000000008006 i915-GVTg_V5_8 0000:00:02.0
made 00000000-0000-0000-0000-000000008006
group 00000000-0000-0000-0000-000000008006 2
running 812 kvm 1234 8006 2
put run/gvt-early/report.json "\$REPORT"
put dev/kmsg '6,1,1000,-;i915 0000:00:02.0: MARKER'
guest 100 'onboot: 1' 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4'
put etc/pve/mapping/pci.cfg 'igpu
	map id=8086:3e92,iommugroup=0,node=pve,path=0000:00:02.0,subsystem-id=1028:0001
	mdev 1
'
put etc/pve/ha/resources.cfg 'vm: 100
	state started
'
put etc/gvt-early/conf.d/10.conf '[guest 101]
hostpci0 = i915-GVTg_V5_8'
put etc/mdevctl.d/0000:00:02.0/6c3d4c5b-58e5-4a30-bd9c-5ac8a3e5b0f2 '{"mdev_type": "i915-GVTg_V5_8", "start": "auto", "attrs": []}'
modprobe options i915 enable_fbc=0 # MARKER
put lib/modprobe.d/vendor.conf 'softdep i915 pre: kvm'
put lib/modules/6.1.0-56-amd64/modules.softdep '# none'
put etc/modules vfio
put etc/modules-load.d/x.conf kvmgt
put etc/default/grub 'GRUB_CMDLINE_LINUX="intel_iommu=on"'
put etc/default/grub.d/x.cfg 'GRUB_CMDLINE_LINUX="intel_iommu=on i915.enable_gvt=1"'
put etc/kernel/cmdline 'root=/dev/sda1 intel_iommu=on'
put etc/kernel/proxmox-boot-uuids 1234-ABCD
put boot/grub/grub.cfg "menuentry 'Debian' --class os {
	linux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1
}"
put boot/vmlinuz-6.1.0-56-amd64 kernel
put boot/initrd.img-6.1.0-56-amd64 initrd
put boot/config-6.1.0-56-amd64 CONFIG_INTEL_IOMMU_DEFAULT_ON=y
put var/tmp/espmounts/1234-ABCD/loader/entries/proxmox-6.1.0-56-amd64.conf 'options root=/dev/sda1'
put var/tmp/espmounts/1234-ABCD/EFI/proxmox/6.1.0-56-amd64/vmlinuz-6.1.0-56-amd64 kernel
put var/tmp/espmounts/1234-ABCD/EFI/proxmox/6.1.0-56-amd64/initrd.img-6.1.0-56-amd64 initrd
END

# answers FILE COMMAND...: what each command says of $root, and what a capture of it holds. Numbers of processes and files are not compared.
answers() {
	file=$1
	shift
	for command; do
		# shellcheck disable=SC2086 # words
		timeout 60 "$program" $command --root "$root" </dev/null 2>&1
		echo "exit code $?"
	done | tr -d '\0' >"$file"
}
all='check:check --next-boot:types:plan:status:snapshot:contents:contents --kernel 6.1.0-56-amd64'

# looks FILE [each]: all commands, or with "each" only those that no other one's reading covers
looks() {
	rm -f "$work/capture.tar"
	if [ "${2-}" = each ]; then
		answers "$1" "capture $work/capture.tar" contents
	else
		IFS=: read -ra commands <<<"$all"
		answers "$1" "${commands[@]}" "capture $work/capture.tar"
	fi
	# How much is free on the disk of who runs the test is the same at no two moments.
	LC_ALL=C sed -E 's/^place ([^ ]*) [0-9]+ [0-9]+/place \1/' "$work/capture.tar" >>"$1"
}

# Whether all is the same when what is outside has gone, and every command ends.
blind_to_outside() {
	looks "$work/with" "${1-}"
	mv "$outside" "$work/elsewhere"
	looks "$work/without" "${1-}"
	mv "$work/elsewhere" "$outside"
	if ! cmp -s "$work/with" "$work/without"; then
		diff -a "$work/with" "$work/without" | head -n 5 | sed 's/^/# /'
		return 1
	fi
	! grep -aq 'exit code 124' "$work/with" && ! grep -aq OUTSIDE "$work/with"
}

root=$tree
looks "$work/as-is"
ok 'the tree has what the commands look for' grep -aq MARKER "$work/as-is"
cp -a "$tree" "$outside"
# Whatever is taken from there shows.
find "$outside" -type f -name '*.conf' -exec sh -c 'echo "# OUTSIDE" >>"$1"' - '{}' ';'
sed -i 's/MARKER/OUTSIDE/' "$outside/dev/kmsg" "$outside/etc/modprobe.d/local.conf"
files=$(cd "$tree" && find . -type f | sed 's|^\./||' | sort)
up=$(printf '../%.0s' $(seq 40))

# target KIND PATH: a link's target that leads to the path outside
target() {
	case $1 in
	absolute) echo "$outside/$2" ;;
	up) echo "$up${outside#/}/$2" ;;
	esac
}

# fresh: a copy of the tree to be spoilt
fresh() {
	root=$work/root.spoilt
	rm -rf "$root"
	cp -a "$tree" "$root"
}

for kind in absolute up; do
	fresh
	for file in $files; do
		ln -sfn "$(target $kind "$file")" "$root/$file"
	done
	ok "every file leads out, $kind" blind_to_outside
	for dir in etc proc sys run lib boot var dev sys/devices sys/bus/pci/devices etc/pve/nodes/pve/qemu-server lib/modules/6.1.0-56-amd64; do
		fresh
		rm -r "${root:?}/$dir"
		ln -s "$(target $kind "$dir")" "$root/$dir"
		ok "$dir leads out, $kind" blind_to_outside
	done
done
# in_turn SPOIL JUDGE PATH...: each path, one of them after the other, is replaced by what the command SPOIL makes there.
in_turn() {
	spoil=$1 judge=$2
	shift 2
	fresh
	found=
	for path; do
		mv "$root/$path" "$work/kept"
		$spoil "$root/$path" "$path"
		$judge || found="$found $path"
		rm -rf "${root:?}/$path"
		mv "$work/kept" "$root/$path"
	done
}
lead_out() { ln -s "$(target absolute "$2")" "$1"; }
each_blind() { blind_to_outside each; }
each_ends() { looks "$work/with" each && ! grep -aq 'exit code 124' "$work/with"; }
# shellcheck disable=SC2086 # words
in_turn lead_out each_blind $files sys/devices/pci0000:00/0000:00:02.0 lib/modules/6.1.0-56-amd64/kernel/drivers etc/pve
is 'one file leads out, each of them in turn' "$found" ''

# Names in files.
for release in ../../../../../../../../../../"$outside"/lib/modules/6.1.0-56-amd64 .. . a/b ''; do
	fresh
	echo "$release" >"$root/proc/sys/kernel/osrelease"
	ok "the kernel's release is '${release/$work/WORK}'" blind_to_outside
done
run contents --kernel ../6.1.0-56-amd64 --root "$tree"
is 'a release that is none is bad usage' "$rc$output$errors" "2gvt-early: '../6.1.0-56-amd64' is not a kernel release"
fresh
find "$root/lib/modules" -name 'modules.dep*' -delete
sed "s|^kernel/\(.*/i915.ko\)|$up${outside#/}/lib/modules/6.1.0-56-amd64/kernel/\1|" "$tree/lib/modules/6.1.0-56-amd64/modules.dep" \
	>"$root/lib/modules/6.1.0-56-amd64/modules.dep"
ok 'the index of modules names files outside' blind_to_outside

# Links that stay inside are followed as on the host itself.
fresh
mkdir "$root/usr"
mv "$root/lib" "$root/usr/lib"
ln -s /usr/lib "$root/lib"
mv "$root/etc/gvt-early" "$root/usr/settings"
ln -s ../../../../usr/settings "$root/etc/gvt-early"
mv "$root/etc/modprobe.d/local.conf" "$root/etc/modprobe.d/real.txt"
ln -s /etc/modprobe.d/real.txt "$root/etc/modprobe.d/local.conf"
looks "$work/links"
sed 's/[0-9]* bytes, with all/N bytes, with all/; /^ *[0-9]*  \//d' "$work/as-is" | sed '/ustar/,$d' >"$work/one"
sed "s|root.spoilt/usr/lib|root.tree/lib|; s|root.spoilt|root.tree|" "$work/links" |
	sed 's/[0-9]* bytes, with all/N bytes, with all/; /^ *[0-9]*  \//d' | sed '/ustar/,$d' >"$work/other"
ok 'absolute links inside the tree lead where they do on the host' cmp -s "$work/one" "$work/other" ||
	note "$(diff -a "$work/one" "$work/other" | head -n 10)"

# What is no file at all.
# each_is WHAT COMMAND...: every file of the tree is replaced by what the command makes at a path
each_is() {
	what=$1
	shift
	fresh
	for file in $files; do
		rm "$root/$file"
		"$@" "$root/$file" || return 1
	done
	ok "every file is $what" blind_to_outside
}
mkfifo_at() { mkfifo "$1"; }
itself() { ln -s "$(basename "$1")" "$1"; }
zeros() { mknod "$1" c 1 5; }
each_is 'a FIFO' mkfifo
each_is 'a link to itself' itself
each_is 'a directory' mkdir
if mknod "$work/device" c 1 5 2>/dev/null; then
	each_is 'a device that never ends' zeros
else
	count=$((count + 1))
	echo "ok $count # SKIP devices are root's to make"
fi
# shellcheck disable=SC2086 # words
in_turn mkfifo_at each_ends $files
is 'one file is a FIFO, each of them in turn' "$found" ''

done_testing
