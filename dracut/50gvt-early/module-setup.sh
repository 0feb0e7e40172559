#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Adds gvt-early to dracut's initrd: the binary, the snapshot, and the modules and firmware that the program names. If it does not
# fit in /boot or on an ESP, nothing is added: the program says why.
#
# dracut sources this file, and stops if install or installkernel fails: therefore every error here is only a warning.
# shellcheck disable=SC2154 # moddir, initdir, kernel and others come from dracut

# dracut sources this file again before it calls each of the functions; DRACUT_TMPDIR is the same for all of them.
gvt_early=/usr/sbin/gvt-early
gvt_early_root=(${dracutsysrootdir:+--root "$dracutsysrootdir"})
gvt_early_snapshot=$DRACUT_TMPDIR/gvt-early.snapshot
gvt_early_contents=$DRACUT_TMPDIR/gvt-early.contents

# gvt_early_list: what the snapshot needs, into a file. It has lines "modprobe" if virtual functions of a GPU go in, and is "nothing"
# if it does not fit.
gvt_early_list() {
	[[ ! -f $gvt_early_contents ]] || return 0
	if grep -qs '^\[\(instance\|claim\|sriov\)\>' "$gvt_early_snapshot"; then
		"$gvt_early" contents "${gvt_early_root[@]}" --snapshot "$gvt_early_snapshot" --kernel "$kernel" \
			--into "$initdir"
	fi >"$gvt_early_contents"
	return 0
}

# If nothing is wanted, or it does not fit, nothing goes in.
gvt_early_wanted() {
	! grep -qsx nothing "$gvt_early_contents" || return 1
	grep -qs '^\[instance ' "$gvt_early_snapshot" || grep -qs '^modprobe ' "$gvt_early_contents"
}

# The program reports mistakes in the configuration; only the entries concerned are skipped. To dracut, 255 means "only if requested
# by name"; with 1 dracut would build no initrd if the module is requested.
check() {
	[[ ! $mount_needs ]] || return 1
	if [[ ! -f $gvt_early_snapshot ]] && require_binaries "$gvt_early"; then
		"$gvt_early" snapshot "${gvt_early_root[@]}" --output "$gvt_early_snapshot"
		[[ -f $gvt_early_snapshot ]] || dwarn "gvt-early: no snapshot of the configuration could be written"
	fi
	gvt_early_list
	gvt_early_wanted || return 255
	return 0
}

depends() {
	echo udev-rules
	return 0
}

# gvt_early_firmware NAME: installs the host's file, compressed or not.
gvt_early_firmware() {
	local dir suffix
	for dir in $fw_dir; do
		for suffix in '' .xz .zst; do
			[[ ! -e $dir/$1$suffix ]] || inst_simple "${dir#"$dracutsysrootdir"}/$1$suffix"
		done
	done
	return 0
}

# hostonly would choose wrongly: no alias requests kvmgt, and i915 requests the firmware of every GPU that exists.
installkernel() {
	local kind name conf=$initdir/etc/modprobe.d/00-gvt-early-initrd.conf
	gvt_early_wanted || return 0

	# In the initrd udev must not load i915 or xe, unless another dracut module has added the driver: a boot in which gvt-early does
	# nothing is then as it would be without gvt-early. If another program loads it by name, it gets the options. This file is the first
	# by name, so that the admin's own files take precedence. gvt-early itself does not read this file.
	mkdir -p "${conf%/*}"
	{
		if grep -qs '^\[instance ' "$gvt_early_snapshot"; then
			echo 'modprobe blacklist i915'
			echo 'modprobe options i915 enable_gvt=1'
		fi
		cat "$gvt_early_contents"
	} | while read -r kind name; do
		case $kind:$name in
		modprobe:'blacklist '*) [[ $(find "$initdir" -name "${name#* }.ko*" -print -quit) ]] || echo "$name" ;;
		modprobe:*) echo "$name" ;;
		esac
	done >"$conf"

	while read -r kind name; do
		case $kind in
		file) inst_simple "${name#"$dracutsysrootdir"}" || dwarn "gvt-early: $name could not be copied" ;;
		module) hostonly='' instmods "$name" ;;
		firmware) gvt_early_firmware "$name" ;;
		esac
	done <"$gvt_early_contents"
	return 0
}

# gvt_early_hook NAME ORDER: inst_hook would stop dracut if the file were missing.
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
	# The admin's settings for i915 apply in the initrd too, also in an initrd that is not only for this host.
	inst_multiple -o /etc/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf

	# journald reads the device of each kernel message. If i915 hangs in its probe, i915 holds the GPU's lock, so journald would hang
	# as well, and systemd with it (measured: 6 minutes). So in the initrd journald does not read the kernel log. No message is lost: in
	# the real root journald reads the complete log.
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
