#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the real dracut puts into an initrd: not booted, and with few other modules of dracut's. Whatever is wrong with gvt-early,
# dracut makes an initrd: a kernel's installation stops without.
# takes 120 s
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/common.sh"
hows=('')
! all_boots || hows+=('--add gvt-early')
if all_boots; then plan 56; else plan 47; fi

system=$("$vm_dir/system.sh" bookworm dracut) || cannot_run 'the system does not build'
base=$build/vm/bookworm/base
kver=$(<"$system/kver")
host=$work/host
image=$work/image
trap 'rm -rf "$host"; finish' EXIT
cp -a --reflink=auto "$base" "$host"
cp "$build"/deb/gvt-early_*_amd64.deb "$work/gvt-early.deb"
BIND="$build/vm/bookworm/dracut:/mnt $work:/srv" in_root "$host" sh -euc '
	dpkg --remove --force-depends initramfs-tools
	dpkg --install --no-triggers /mnt/*.deb /srv/gvt-early.deb
' >"$work/dpkg.log" 2>&1 || cannot_run "dracut could not be installed, see $work/dpkg.log"
cp "$vm_dir/gvt-early.conf" "$host/etc/gvt-early/"
mkdir -p "$host/lib/firmware/i915"
for name in kbl_dmc_ver1_04 skl_dmc_ver1_27; do
	echo "stands in for $name" >"$host/lib/firmware/i915/$name.bin"
done
fake_sys "$work/sys"
# Its first process has the same root: it is no chroot, whose GPU would not be the machine's.
mkdir -p "$work/proc/proc" "$work/proc/1"
ln -s / "$work/proc/1/root"
for entry in /proc/[!0-9]*; do
	ln -s ".$entry" "$work/proc/"
done

# What a run changes; each begins with it as it was.
state=(etc/gvt-early etc/modprobe.d lib/firmware "lib/modules/$kver/modules.dep.bin" usr/lib/dracut/modules.d/50gvt-early
	usr/sbin/gvt-early)
tar -C "$host" -cf "$work/state.tar" "${state[@]}"
others=$(find "$host/usr/lib/dracut/modules.d" -mindepth 1 -maxdepth 1 -printf '%f\n' | cut -c3- |
	grep -vxE 'base|udev-rules|gvt-early' | tr '\n' ' ')

# dracut SETUP [OPTION...]: after SETUP has been run in the root. $said is what dracut says, $image what it makes.
dracut() {
	local setup=$1
	shift
	rm -rf "$image" "${state[@]/#/$host/}" "$work/initrd.img"
	tar -C "$host" -xf "$work/state.tar"
	# shellcheck disable=SC2016 # expanded in the root
	said=$(SYS=$work/sys PROC=$work/proc BIND="$work:/srv" in_root "$host" sh -c '
		setup=$1 kver=$2
		shift 2
		eval "$setup"
		dracut --force --quiet --no-early-microcode --no-compress --tmpdir /tmp "$@" /srv/initrd.img "$kver" 2>&1
		echo $? >/srv/status
	' sh "$setup" "$kver" --no-hostonly --omit "$others" "$@")
	mkdir "$image"
	(cd "$image" && cpio --quiet -id <"$work/initrd.img")
}

# made WHAT: dracut has succeeded, and its initrd is one.
made() { is "$1: dracut makes an initrd" "$(<"$work/status") $(find "$image" -path "$image/init" -printf %P)" '0 init'; }

# ours: what is in the image because of gvt-early.
ours() {
	(cd "$image" && find . ! -type d -printf '/%P\n' | sed "s/$kver/KVER/" | LC_ALL=C sort |
		grep -E 'gvt|i915|vfio|mdev|/[0-9]+-(pre-udev|pre-pivot|cleanup)\.sh$')
}

usual='/etc/gvt-early/snapshot.conf
/etc/modprobe.d/00-gvt-early-initrd.conf
/usr/lib/dracut/hooks/cleanup/95-cleanup.sh
/usr/lib/dracut/hooks/pre-udev/05-pre-udev.sh
/usr/lib/firmware/i915/kbl_dmc_ver1_04.bin
/usr/lib/modules/KVER/kernel/drivers/gpu/drm/i915/i915.ko
/usr/lib/modules/KVER/kernel/drivers/gpu/drm/i915/kvmgt.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/mdev/mdev.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/pci/vfio-pci-core.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/pci/vfio-pci.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/vfio.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/vfio_iommu_type1.ko
/usr/lib/modules/KVER/kernel/drivers/vfio/vfio_virqfd.ko
/usr/sbin/gvt-early'

# needed: the modules that kvmgt needs and that are not in the image.
needed() {
	modprobe --dirname "$host" --set-version "$kver" --show-depends kvmgt | while read -r _ file _; do
		[[ -e $image${file#"$host"} ]] || echo "$file"
	done
}

# lacks FILE...: the usual without these.
lacks() { printf '%s\n' "$usual" | grep -vE "$(IFS='|'; echo "$*")"; }

dracut 'echo "options i915 modeset=1" >/etc/modprobe.d/admin.conf'
made 'usual'
is 'it says how many go in, and by how much the initrd grows' \
	"$(sed -E 's/kernel [^ ]+:/kernel K:/; s/(at most )?[0-9.]+ [MG]iB/N/g' <<<"$said")" 'gvt-early: 3 vGPUs go into the initrd
gvt-early: kernel K: its initrd grows by N; /boot has N free'
is 'what goes in' "$(ours)" "$usual"
is 'with all that kvmgt needs' "$(needed)" ''
ok 'the binary is the one of the package' cmp "$host/usr/sbin/gvt-early" "$image/usr/sbin/gvt-early"
ok 'and can be executed' test -x "$image/usr/sbin/gvt-early"
is 'others do not load i915 unasked' "$(<"$image/etc/modprobe.d/00-gvt-early-initrd.conf")" 'blacklist i915
options i915 enable_gvt=1'
ok "the admin's modprobe.d goes in" test -e "$image/etc/modprobe.d/admin.conf"
is 'no comment of the configuration does' "$(grep -rl canary-53c7e1 "$image")" ''

# The one of the test system is a systemd initrd.
in_image() { BIND="$system:/mnt" in_root "$host" lsinitrd "$@" /mnt/initrd.img; }
is 'in a systemd initrd journald leaves the kernel log alone' "$(in_image -f etc/systemd/journald.conf.d/00-gvt-early.conf)" \
	'[Journal]
ReadKMsg=no'
is 'and a unit waits, no hook' "$(in_image | grep -oE '(gvt-early-wait|95-cleanup).*')" \
	'gvt-early-wait.service
gvt-early-wait.service -> ../gvt-early-wait.service'

dracut : --hostonly
made 'for this host only'
is 'the same goes in' "$(ours)" "$usual"
is 'with all that kvmgt needs' "$(needed)" ''

dracut 'zstd -q --rm /lib/firmware/i915/*'
made 'compressed firmware'
like 'it goes in' "$(ours)" 'kbl_dmc_ver1_04.bin.zst$'

for how in "${hows[@]}"; do
	# shellcheck disable=SC2086 # words
	dracut ': >/etc/gvt-early/gvt-early.conf' $how
	made "nothing wanted${how:+, but asked for by name}"
	is 'nothing goes in, and why' "$(ours)$said" \
		'gvt-early: no vGPU goes into the initrd: no vGPU is wanted; name instances in /etc/gvt-early/gvt-early.conf'
	# shellcheck disable=SC2086 # words
	dracut 'printf "[settings]\nearly = no\n" >>/etc/gvt-early/gvt-early.conf' $how
	made "no early stage${how:+, but asked for by name}"
	is 'nothing goes in, and why' "$(ours)$said" \
		"gvt-early: no vGPU goes into the initrd: 'early = no' leaves them to gvt-early.service"
	# shellcheck disable=SC2086 # words
	dracut 'rm /usr/sbin/gvt-early' $how
	made "no binary${how:+, but asked for by name}"
	is 'nothing goes in' "$(ours)" ''
	# shellcheck disable=SC2086 # words
	dracut 'printf "#!/bin/sh\nexit 3\n" >/usr/sbin/gvt-early' $how
	made "a program that fails${how:+, but asked for by name}"
	is 'nothing goes in' "$(ours)" ''
	like 'it is told' "$said" 'gvt-early: no snapshot of the configuration could be written'
done

# shellcheck disable=SC2016 # expanded in the root
dracut 'printf "#!/bin/sh\nshift; echo \"[instance x]\" >\$2; exit 3\n" >/usr/sbin/gvt-early'
made 'a program that fails later'

for name in pre-udev.sh cleanup.sh; do
	dracut "rm /usr/lib/dracut/modules.d/50gvt-early/$name"
	made "no $name"
	is 'the rest goes in' "$(ours)" "$(lacks "$name")"
	like 'it is told' "$said" "gvt-early: .*$name is missing"
done

# Virtual functions: what the program prints goes in, and nothing of GVT-g.
# shellcheck disable=SC2016 # expanded by the program that it writes
stub_vfs='cat >/usr/sbin/gvt-early <<"END"
#!/bin/sh
case $1 in
snapshot) printf "[snapshot]\nversion = 1\n[claim 0000:00:02.1]\nsource = /x:1\n" >"$3" ;;
contents) [ "$2" = --snapshot ] && cat /srv/contents ;;
esac
END
'
cat >"$work/contents" <<END
modprobe blacklist xe
modprobe options xe force_probe=46d1
module vfio-pci
firmware i915/kbl_dmc_ver1_04.bin
END
dracut "$stub_vfs zstd -q --rm /lib/firmware/i915/*"
made 'virtual functions'
is 'what goes in' "$(ours | grep -v /vfio/)$said" "$(lacks i915.ko kvmgt mdev '/vfio/' | sed 's/ver1_04.bin/&.zst/')"
is 'the driver is not loaded unasked, nor without its options' "$(<"$image/etc/modprobe.d/00-gvt-early-initrd.conf")" 'blacklist xe
options xe force_probe=46d1'
ok 'the module' test -n "$(find "$image" -name 'vfio-pci.ko*')"
: >"$work/contents"
dracut "$stub_vfs"
made 'virtual functions, but the program names no driver for them'
is 'nothing goes in' "$(ours)$said" ''
echo nothing >"$work/contents"
dracut "$stub_vfs sed -i 's/claim 0000:00:02.1/instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01/' /usr/sbin/gvt-early"
made 'there is no room'
is 'nothing goes in' "$(ours)$said" ''

dracut 'echo nonsense >>/etc/gvt-early/gvt-early.conf'
made 'a mistake in the configuration'
like 'it is told with its place' "$said" "gvt-early.conf:[0-9]+: 'nonsense' is neither"
is 'the rest goes in' "$(ours)" "$usual"

dracut 'truncate -s 1000 /lib/modules/*/modules.dep.bin'
made 'a damaged index of modules'
like 'it is told' "$said" 'gvt-early: the modules of kernel .* cannot be found: .*modules.dep.bin is damaged'

# The last one: what depmod changes, stays.
# shellcheck disable=SC2016 # expanded in the root
dracut 'rm /lib/modules/*/kernel/drivers/gpu/drm/i915/kvmgt.ko; depmod "$kver"'
made 'a kernel without kvmgt'
like 'it is told' "$said" 'gvt-early: kernel .* has no module kvmgt'
