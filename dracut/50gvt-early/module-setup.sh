#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts gvt-early into dracut's initrd: the binary, what is wanted, and the modules and firmware that the program names.
#
# dracut sources this file, and stops when install or installkernel fails: whatever goes wrong here is a warning.
# shellcheck disable=SC2154 # moddir, initdir, kernel and others come from dracut

# The functions are called one by one, each after this file has been sourced anew; DRACUT_TMPDIR lasts for all of them.
gvt_early=/usr/sbin/gvt-early
gvt_early_root=(${dracutsysrootdir:+--root "$dracutsysrootdir"})
gvt_early_snapshot=$DRACUT_TMPDIR/gvt-early.snapshot

# With nothing wanted nothing goes in.
gvt_early_wanted() {
	grep -qs '^\[instance ' "$gvt_early_snapshot"
}

# The configuration's mistakes are told by the program, and cost their own entries only. dracut takes 255 as "not unless it is
# asked for by name"; after a 1 it would make no initrd then.
check() {
	[[ ! $mount_needs ]] || return 1
	if [[ ! -f $gvt_early_snapshot ]] && require_binaries "$gvt_early"; then
		"$gvt_early" snapshot "${gvt_early_root[@]}" --output "$gvt_early_snapshot"
		[[ -f $gvt_early_snapshot ]] || dwarn "gvt-early: no snapshot of the configuration could be made"
	fi
	gvt_early_wanted || return 255
	return 0
}

depends() {
	echo udev-rules
	return 0
}

# gvt_early_firmware NAME: where the host has it, compressed or not.
gvt_early_firmware() {
	local dir suffix
	for dir in $fw_dir; do
		for suffix in '' .xz .zst; do
			[[ ! -e $dir/$1$suffix ]] || inst_simple "${dir#"$dracutsysrootdir"}/$1$suffix"
		done
	done
	return 0
}

# Not what hostonly would choose: nothing asks for kvmgt by an alias, and i915 asks for the firmware of all GPUs there are.
installkernel() {
	local kind name conf=$initdir/etc/modprobe.d/00-gvt-early-initrd.conf
	gvt_early_wanted || return 0

	# In the initrd nobody but gvt-early loads i915 unasked, unless somebody else has put it there: a boot that is left alone is
	# as it would be without us. Should i915 be loaded by name all the same, it gets the option; the first by name, so that the
	# admin's own files have the last word. gvt-early itself does not read this file.
	mkdir -p "${conf%/*}"
	{
		[[ $(find "$initdir" -name 'i915.ko*' -print -quit) ]] || echo 'blacklist i915'
		echo 'options i915 enable_gvt=1'
	} >"$conf"

	while read -r kind name; do
		case $kind in
		file) inst_simple "${name#"$dracutsysrootdir"}" || dwarn "gvt-early: $name could not be copied" ;;
		module) hostonly='' instmods "$name" ;;
		firmware) gvt_early_firmware "$name" ;;
		esac
	done < <("$gvt_early" contents "${gvt_early_root[@]}" --kernel "$kernel")
	return 0
}

# gvt_early_hook NAME ORDER: inst_hook ends dracut when the file is not there.
gvt_early_hook() {
	local file=$moddir/$1.sh
	if [[ -f $file ]]; then
		inst_hook "$1" "$2" "$file"
	else
		dwarn "gvt-early: $file is missing"
	fi
}

install() {
	local name conf
	gvt_early_wanted || return 0
	inst_simple "$gvt_early" || dwarn "gvt-early: $gvt_early could not be copied"
	inst_simple "$gvt_early_snapshot" /etc/gvt-early/snapshot.conf
	# The admin's word on i915 counts in the initrd too, in one that is not for this host alone as well.
	inst_multiple -o /etc/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf

	# journald reads the device of each kernel message. Should i915 hang in its probe, it holds the GPU's lock, and journald would
	# hang as well, and systemd with it (measured: 6 minutes). So in the initrd it leaves the kernel log alone; nothing is lost: in the
	# real root it reads all of it.
	if dracut_module_included systemd; then
		conf=$initdir/etc/systemd/journald.conf.d/00-gvt-early.conf
		mkdir -p "${conf%/*}"
		printf '[Journal]\nReadKMsg=no\n' >"$conf"
		name=$moddir/gvt-early-wait.service
		if inst_simple "$name" "$systemdsystemunitdir/${name##*/}"; then
			mkdir -p "$initdir$systemdsystemunitdir/initrd-switch-root.target.wants"
			ln -sfn "../${name##*/}" "$initdir$systemdsystemunitdir/initrd-switch-root.target.wants/"
		else
			dwarn "gvt-early: $name could not be copied"
		fi
	else
		gvt_early_hook cleanup 95
	fi
	gvt_early_hook pre-udev 05
	return 0
}
